"""One person, one code: given by a press, shown the same on every return, sealed, and never to two."""

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from portal.audit.trail import AuditEvent
from portal.database import Database
from portal.enrolment import grants
from portal.enrolment.codes import Code
from portal.enrolment.giving import Wish, claim
from portal.enrolment.grants import Grant
from portal.sealing import KeyRing
from portal.tokens import fresh_id
from tests.cast import AMARA, settle
from tests.enrolment import bench
from tests.enrolment.bench import code_on, had, reveal, some_codes, stock_up
from tests.requirements import requirement
from tests.servers.app import Newcomer
from tests.servers.ground import MORNING, StillClock
from tests.visitor import Visitor, token_on

MANY = 1000


def kinds(database: Database) -> list[str]:
    """What the trail says of codes, oldest first."""
    with database.read() as session:
        told = select(AuditEvent.kind).where(AuditEvent.kind.like("code:%")).order_by(AuditEvent.id)
        return list(session.scalars(told))


@requirement("COD-05")
def test_opening_the_page_gives_nothing_away(visitor: Visitor, database: Database, keys: KeyRing) -> None:
    settle(database, keys)
    stock_up(database, keys, some_codes(3))
    visitor.arrive(AMARA.address)
    for _ in range(3):
        page = visitor.get("/code")
        assert page.status == 200
        assert code_on(page) == ""
    assert bench.given(database) == []
    assert kinds(database) == []


@requirement("COD-05")
def test_a_press_shows_the_code_and_every_return_shows_the_same(
    visitor: Visitor, database: Database, keys: KeyRing
) -> None:
    settle(database, keys)
    stock_up(database, keys, some_codes(3))
    visitor.arrive(AMARA.address)
    first, second = reveal(visitor), reveal(visitor)
    assert first.status == second.status == 200
    assert code_on(first) in some_codes(3)
    assert code_on(second) == code_on(first)
    assert "FAIR-" not in visitor.get("/code").text
    assert kinds(database) == ["code:granted", "code:revealed", "code:revealed"]


@requirement("COD-01", "EML-06")
def test_two_accounts_at_one_address_get_one_code(
    newcomer: Newcomer, database: Database, keys: KeyRing, clock: StillClock
) -> None:
    settle(database, keys)
    stock_up(database, keys, some_codes(3))
    shown = []
    for host in ("10.0.0.1", "10.0.1.1"):
        visitor = newcomer(host)
        visitor.arrive(AMARA.address)
        shown.append(code_on(reveal(visitor)))
        clock.move(minutes=2)
    assert shown[0] == shown[1] != ""
    assert len(bench.given(database)) == 1


@requirement("COD-01")
def test_a_person_stays_the_same_while_keys_are_changed(database: Database, keys: KeyRing) -> None:
    stock_up(database, keys, some_codes(3))
    rings = [keys, KeyRing({**keys.masters, 2: b"k" * 32}, 2)]
    for ring in rings:
        wish = Wish(grants.person_at(ring, AMARA.address), "monitoring", "http://localhost", "en")
        had(database, wish)
    assert bench.count(database, Grant) == len(bench.given(database)) == 1


@requirement("COD-02")
def test_no_code_goes_to_two_and_nobody_gets_two(database: Database, keys: KeyRing) -> None:
    stock_up(database, keys, some_codes(MANY))
    for number in range(MANY):
        person = grants.person_at(keys, f"guest{number}@mail.example")
        had(database, Wish(person, "monitoring", "http://localhost", "en"))
    with database.read() as session:
        taken, people = session.execute(
            select(func.count(), func.count(Code.grant_id.distinct())).select_from(Code)
        ).one()
    assert taken == people == MANY


@requirement("COD-02")
def test_the_database_itself_refuses_a_second_code_and_a_second_grant(database: Database, keys: KeyRing) -> None:
    stock_up(database, keys, some_codes(2))
    wish = Wish(grants.person_at(keys, AMARA.address), "monitoring", "http://localhost", "en")
    with database.write() as session:
        grant = claim(session, wish, day=MORNING.date(), now=MORNING)
    [code] = bench.given(database)
    with pytest.raises(IntegrityError), database.write() as session:
        session.execute(update(Code).where(Code.id != code.id).values(grant_id=grant.id))
    names = ("key_id", "email_index", "offer", "origin", "locale", "asked_at")
    copy = {name: getattr(grant, name) for name in names}
    with pytest.raises(IntegrityError), database.write() as session:
        session.add(Grant(id=fresh_id(), granted_at=MORNING, **copy))


@requirement("SES-05", "COD-04")
def test_an_old_proof_is_asked_for_again(
    visitor: Visitor, database: Database, keys: KeyRing, clock: StillClock
) -> None:
    settle(database, keys)
    stock_up(database, keys, some_codes(1))
    visitor.arrive(AMARA.address)
    page = visitor.get("/code")
    clock.move(minutes=14)
    visitor.get("/status")
    clock.move(minutes=7)
    refused = visitor.post("/code", {"csrf_token": token_on(page)})
    assert refused.status == 403
    assert 'action="/again"' in refused.text
    assert 'action="/again"' in visitor.get("/code").text
    assert bench.given(database) == []


@requirement("LNK-08", "LNK-26", "COD-04")
def test_a_code_from_a_letter_alone_gets_no_monitoring_code(
    visitor: Visitor, database: Database, keys: KeyRing
) -> None:
    settle(database, keys)
    stock_up(database, keys, some_codes(1))
    visitor.ask(AMARA.address)
    letter = visitor.letter(AMARA.address)
    visitor.type_code(letter)
    token = token_on(visitor.get("/status"))
    for answer in (
        visitor.get("/code"),
        visitor.post("/code", {"csrf_token": token}),
        visitor.get("/code/reminder.ics"),
    ):
        assert answer.status == 403
        assert 'href="/v"' in answer.text
    assert bench.given(database) == []
    visitor.follow(letter)
    assert code_on(reveal(visitor)) != ""


@requirement("COD-04")
def test_a_person_looks_twenty_times_an_hour(visitor: Visitor, database: Database, keys: KeyRing) -> None:
    settle(database, keys)
    stock_up(database, keys, some_codes(1))
    visitor.arrive(AMARA.address)
    token = token_on(visitor.get("/code"))
    answers = [visitor.post("/code", {"csrf_token": token}).status for _ in range(21)]
    assert answers == [200] * 20 + [429]
