"""The line: an honest page with a place, kept in order; newcomers come after; a letter when it is their turn."""

from collections.abc import Callable
from datetime import date

from flask import Flask
from sqlalchemy import select

from portal.audit.trail import AuditEvent
from portal.database import Database
from portal.enrolment import pools
from portal.enrolment.grants import Grant
from portal.enrolment.pools import Pool
from portal.enrolment.serving import Serving
from portal.sealing import KeyRing
from tests.cast import AMARA, settle
from tests.enrolment import bench
from tests.enrolment.bench import code_on, crowd, number_on, reveal, some_codes, stock_up
from tests.requirements import requirement
from tests.servers.app import Newcomer
from tests.servers.ground import MORNING, StillClock
from tests.visitor import Visitor

SUBJECT = "Your code from Stagelight International is ready"


def arrived(newcomer: Newcomer, count: int) -> list[Visitor]:
    """So many people at their answers, each from another host."""
    visitors = []
    for number, guest in enumerate(crowd(count)):
        visitors.append(newcomer(f"10.0.{number}.1"))
        visitors[-1].arrive(guest.address)
    return visitors


def alarms(database: Database) -> list[tuple[int, int]]:
    """Each alarm as (percent, codes left), oldest first."""
    with database.read() as session:
        told = select(AuditEvent.details).where(AuditEvent.kind == "codes:low").order_by(AuditEvent.id)
        return [(said["percent"], said["left"]) for said in session.scalars(told)]


@requirement("COD-06")
def test_an_empty_pool_gives_a_place_that_is_kept(newcomer: Newcomer, database: Database, keys: KeyRing) -> None:
    settle(database, keys, *crowd(3))
    stock_up(database, keys, some_codes(1))
    visitors = arrived(newcomer, 3)
    answers = [reveal(visitor) for visitor in visitors]
    assert [answer.status for answer in answers] == [200, 200, 200]
    assert code_on(answers[0]) != ""
    assert [number_on(answer) for answer in answers] == [0, 1, 2]
    assert [number_on(visitor.get("/code")) for visitor in visitors] == [0, 1, 2]
    assert "Nothing renews by itself" in answers[1].text


@requirement("COD-06")
def test_those_who_wait_get_theirs_in_order_and_a_letter(
    newcomer: Newcomer, database: Database, keys: KeyRing, work: Callable[[], None], clock: StillClock
) -> None:
    settle(database, keys, *crowd(4))
    visitors = arrived(newcomer, 4)
    for visitor in visitors[:3]:
        reveal(visitor)
        clock.move(seconds=1)
    stock_up(database, keys, some_codes(2))
    late = reveal(visitors[3])
    assert number_on(late) == 4, "a newcomer passed the line"
    work()
    assert [bool(grant.granted_at) for grant in bench.grants_of(database)] == [True, True, False, False]
    assert [number_on(visitor.get("/code")) for visitor in visitors] == [0, 0, 1, 2]
    for number, letters in enumerate((1, 1, 0, 0)):
        subjects = [letter.subject for letter in visitors[0].mailbag(f"guest{number}@mail.example")]
        assert subjects.count(SUBJECT) == letters
    shown = [code_on(visitors[number].act("/code", "/code")) for number in (0, 1)]
    assert "" not in shown
    assert shown[0] != shown[1]


@requirement("COD-06", "COD-10")
def test_the_letter_holds_no_code_and_no_link_of_its_own(
    visitor: Visitor, database: Database, keys: KeyRing, work: Callable[[], None]
) -> None:
    settle(database, keys)
    visitor.arrive(AMARA.address)
    reveal(visitor)
    stock_up(database, keys, some_codes(1))
    letter = visitor.letter(AMARA.address)
    assert letter.subject == SUBJECT
    assert (letter.link, letter.code, letter.stop_link) == ("", "", "")
    for part in (letter.plain, letter.html):
        assert "http://localhost/" in part
        assert "FAIR" not in part
        assert "@mail.example" not in part
        assert "affected" not in part


def test_who_has_seen_the_code_gets_no_letter_about_it(
    visitor: Visitor, portal: Flask, database: Database, keys: KeyRing, work: Callable[[], None]
) -> None:
    settle(database, keys)
    visitor.arrive(AMARA.address)
    reveal(visitor)
    stock_up(database, keys, some_codes(1))
    serving_alone(portal)
    assert code_on(reveal(visitor)) != ""
    before = len(visitor.mailbag(AMARA.address))
    work()
    assert len(visitor.mailbag(AMARA.address)) == before


def serving_alone(portal: Flask) -> None:
    """Let the worker give codes, and stop before it sends a letter."""
    held = portal.extensions["portal"]
    while Serving(held.database, held.keys, portal.extensions["incident"], held.clock).step():
        pass


def test_codes_that_are_over_are_given_to_nobody(
    visitor: Visitor, database: Database, keys: KeyRing, work: Callable[[], None]
) -> None:
    settle(database, keys)
    stock_up(database, keys, some_codes(3), expires=date(2018, 7, 1))
    visitor.arrive(AMARA.address)
    assert number_on(reveal(visitor)) == 1
    work()
    assert bench.given(database) == []


@requirement("COD-06")
def test_the_alarm_is_raised_once_at_a_fifth_and_once_at_a_twentieth(database: Database, keys: KeyRing) -> None:
    stock_up(database, keys, some_codes(40))
    heard = []
    for left in (9, 8, 7, 3, 2, 1):
        give_all_but(database, left)
        for _ in range(2):
            with database.write() as session:
                pools.alarm(session, day=MORNING.date(), now=MORNING)
        heard.append(len(alarms(database)))
    assert heard == [0, 1, 1, 1, 2, 2]
    assert alarms(database) == [(20, 8), (5, 2)]


@requirement("COD-06")
def test_after_a_new_pool_the_alarm_can_be_raised_again(database: Database, keys: KeyRing) -> None:
    def watch() -> None:
        with database.write() as session:
            pools.alarm(session, day=MORNING.date(), now=MORNING)

    stock_up(database, keys, some_codes(10))
    give_all_but(database, 1)
    watch()
    stock_up(database, keys, some_codes(10, "MORE"))
    watch()
    give_all_but(database, 4)
    watch()
    assert alarms(database) == [(20, 1), (20, 4)]


def give_all_but(database: Database, left: int) -> None:
    """Let so many codes be left, and all others somebody's."""
    with database.write() as session:
        free = session.scalars(select(bench.Code).where(bench.Code.grant_id.is_(None))).all()
        for code in free[: len(free) - left]:
            grant = Grant(key_id=1, email_index=code.code_mac, offer="monitoring", origin="x", locale="en")
            grant.asked_at = grant.granted_at = MORNING
            session.add(grant)
            session.flush()
            code.grant_id = grant.id
    assert bench.count(database, Pool) > 0
