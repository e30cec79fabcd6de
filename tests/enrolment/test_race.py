"""Sixty-four people press at once over real sockets, before real processes, on both engines."""

from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from portal.audit.trail import AuditEvent
from portal.database import Database
from portal.sealing import KeyRing
from tests.cast import settle
from tests.enrolment import bench
from tests.enrolment.bench import code_on, crowd, number_on, some_codes, stock_up
from tests.enrolment.race import FAR, clear, lasting_incident, let_in, press_at_once
from tests.requirements import requirement
from tests.rounds import rounds
from tests.servers.processes import Install

PEOPLE, CODES = 64, 40
ROUNDS = rounds(1)
LAST_DAY = date.fromisoformat(FAR)


@pytest.fixture
def origins(install: Install, tmp_path: Path) -> list[str]:
    """Two web processes before one database."""
    incident = lasting_incident(tmp_path)
    portals = [install(incident=incident, trusted_proxies=1) for _ in range(2)]
    for portal in portals:
        portal.web(threads=32)
    return [portal.origin for portal in portals]


@requirement("COD-01", "COD-02", "COD-06")
@pytest.mark.timeout(120 + 10 * ROUNDS)
def test_forty_codes_among_sixty_four_people(origins: list[str], database: Database, keys: KeyRing) -> None:
    people = crowd(PEOPLE * ROUNDS)
    settle(database, keys, *people)
    for round_ in range(ROUNDS):
        stock_up(database, keys, some_codes(CODES, f"ROUND{round_}"), expires=LAST_DAY)
        guests = let_in(database, keys, people[round_ * PEOPLE : (round_ + 1) * PEOPLE], origins)
        answers = press_at_once(guests)
        assert Counter(answer.status for answer in answers) == {200: PEOPLE}
        shown = [code_on(answer) for answer in answers if code_on(answer)]
        assert sorted(shown) == some_codes(CODES, f"ROUND{round_}")
        places = sorted(number_on(answer) for answer in answers if number_on(answer))
        assert places == list(range(1, PEOPLE - CODES + 1))
        assert len({code.grant_id for code in bench.given(database)}) == CODES
        assert bench.count(database, bench.Grant) == PEOPLE
        again = press_at_once(guests)
        assert [code_on(answer) for answer in again] == [code_on(answer) for answer in answers]
        assert [number_on(answer) for answer in again] == [number_on(answer) for answer in answers]
        clear(database)


@requirement("COD-01", "COD-05")
def test_sixty_four_presses_of_one_person_give_one_code(origins: list[str], database: Database, keys: KeyRing) -> None:
    people = crowd(1)
    settle(database, keys, *people)
    stock_up(database, keys, some_codes(CODES), expires=LAST_DAY)
    [guest] = let_in(database, keys, people, origins)
    other = replace(guest, origin=origins[1])
    answers = press_at_once([guest, other] * (PEOPLE // 2))
    statuses = Counter(answer.status for answer in answers)
    assert set(statuses) <= {200, 429}
    assert statuses[200] >= 20
    [shown] = {code_on(answer) for answer in answers if answer.status == 200}
    assert shown in some_codes(CODES)
    assert len(bench.given(database)) == bench.count(database, bench.Grant) == 1
    with database.read() as session:
        kinds = Counter(session.scalars(select(AuditEvent.kind).where(AuditEvent.kind.like("code:%"))))
    assert kinds == {"code:granted": 1, "code:revealed": statuses[200]}
