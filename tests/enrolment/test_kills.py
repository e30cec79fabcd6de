"""kill -9 of the web process or of a worker, in the middle of giving: nothing is lost, and nothing given twice."""

import threading
from datetime import date
from pathlib import Path

from sqlalchemy import func, select

from portal.database import Database
from portal.reset.obligations import NO_PASSWORD, Obligation
from portal.sealing import KeyRing
from tests.cast import settle
from tests.enrolment import bench
from tests.enrolment.bench import code_on, crowd, number_on, some_codes, stock_up
from tests.enrolment.race import FAR, lasting_incident, let_in, press_at_once
from tests.requirements import requirement
from tests.servers.processes import Install
from tests.servers.relay import Relay
from tests.servers.waiting import until
from tests.visitor import Answer

PEOPLE = 24
LAST_DAY = date.fromisoformat(FAR)


@requirement("COD-01", "COD-02", "ENG-03")
def test_a_web_process_killed_while_it_gives_loses_and_doubles_nothing(
    install: Install, tmp_path: Path, database: Database, keys: KeyRing
) -> None:
    people = crowd(PEOPLE)
    settle(database, keys, *people)
    stock_up(database, keys, some_codes(PEOPLE), expires=LAST_DAY)
    portal = install(incident=lasting_incident(tmp_path), trusted_proxies=1)
    web = portal.web()
    guests = let_in(database, keys, people, [portal.origin])
    answers: list[Answer] = []
    pressing = threading.Thread(target=lambda: answers.extend(press_at_once(guests)))
    pressing.start()
    until(lambda: len(bench.given(database)) >= 3, "the first codes")
    web.kill()
    pressing.join()
    promised = {grant.id for grant in bench.grants_of(database)}
    seen = {number: code_on(answer) for number, answer in enumerate(answers) if answer.status == 200}
    portal.web()
    after = [code_on(answer) for answer in press_at_once(guests)]
    assert sorted(after) == some_codes(PEOPLE)
    assert {number: after[number] for number in seen} == seen
    assert promised <= {code.grant_id for code in bench.given(database)}


@requirement("COD-06", "ENG-03")
def test_a_worker_killed_while_it_serves_keeps_the_order(
    install: Install, tmp_path: Path, database: Database, keys: KeyRing, relay: Relay
) -> None:
    people = crowd(PEOPLE)
    settle(database, keys, *people)
    # A letter in the hands of a killed worker is taken up again after ten times this.
    portal = install(incident=lasting_incident(tmp_path), trusted_proxies=1, smtp_timeout=0.5)
    portal.web()
    first = portal.worker()
    # Until a worker has seen that an account has no password, its reset comes before its code.
    until(lambda: _needless(database) == PEOPLE, "everybody is let off the reset")
    first.stop()
    guests = let_in(database, keys, people, [portal.origin])
    places = [number_on(answer) for answer in press_at_once(guests)]
    assert sorted(places) == list(range(1, PEOPLE + 1))
    stock_up(database, keys, some_codes(PEOPLE), expires=LAST_DAY)
    for enough in (3, 10, PEOPLE):
        worker = portal.worker()
        until(lambda enough=enough: len(bench.given(database)) >= enough, f"{enough} codes given")  # type: ignore[misc]
        if enough < PEOPLE:
            worker.kill()
        served = {grant.place for grant in bench.grants_of(database) if grant.granted_at}
        assert served == set(range(1, len(served) + 1)), "somebody was passed"
    until(lambda: all(relay.to(person.address) for person in people), "a letter to each")
    assert len({letter.message["Message-ID"] for letter in relay.letters}) == PEOPLE
    answers = [guest.press() for guest in guests]
    assert {answer.status for answer in answers} == {200}
    assert sorted(map(code_on, answers)) == some_codes(PEOPLE)


def _needless(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).where(Obligation.settled_by == NO_PASSWORD)) or 0
