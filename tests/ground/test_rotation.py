"""`flask keys add` and `rotate`: every account comes under the new key while people come and go, and nobody notices."""

from pathlib import Path
from uuid import UUID

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from portal.audit.trail import AuditEvent
from portal.cases import four_words
from portal.database import Database
from portal.enrolment import grants
from portal.enrolment.grants import Grant
from portal.extensions import Ground
from portal.identity import rotation
from portal.identity.customers import ADDRESS, ADDRESS_INDEX, REFERENCE, REFERENCE_INDEX, Customer
from portal.sealing import KeyRing
from portal.tokens import fresh_id
from tests import cast
from tests.requirements import requirement
from tests.servers.app import Newcomer
from tests.servers.ground import StillClock

pytestmark = [requirement("OPS-07"), requirement("ENG-01")]
AMARA, BO, EMRE = (person.address for person in cast.CUSTOMERS)


@pytest.fixture
def keys() -> KeyRing:
    """A second key was added, and everything has started again since."""
    return KeyRing.fresh().with_another()


@pytest.fixture
def held(portal: Flask, database: Database, keys: KeyRing) -> Ground:
    """The ground of this test's portal, with the cast in it."""
    cast.settle(database, keys)
    ground: Ground = portal.extensions["portal"]
    return ground


@pytest.fixture
def file(held: Ground) -> Path:
    """The key file."""
    return held.settings.within(held.settings.keys_file)


def say(portal: Flask, word: str) -> Result:
    portal.extensions["portal"].__dict__.pop("keys", None)
    return portal.test_cli_runner().invoke(args=["keys", word])


def numbers(database: Database) -> set[int]:
    with database.read() as session:
        return set(session.scalars(select(Customer.key_id)))


def test_a_key_is_added_and_nothing_is_sealed_with_it_yet(portal: Flask, file: Path) -> None:
    file.write_text((before := KeyRing.fresh()).written())
    said = say(portal, "add")
    assert said.exit_code == 0, said.output
    ring = KeyRing.read(file)
    assert (ring.current, ring.masters[1], set(ring.masters)) == (1, before.masters[1], {1, 2})
    assert file.stat().st_mode & 0o777 == 0o600
    assert [path.name for path in file.parent.glob("keys.json*")] == ["keys.json"]
    assert say(portal, "add").exit_code == 1
    assert KeyRing.read(file) == ring


def test_links_visits_and_what_one_has_go_on_through_a_rotation(
    portal: Flask, newcomer: Newcomer, held: Ground, database: Database, file: Path, clock: StillClock
) -> None:
    amara, bo, emre = newcomer("10.1.0.1"), newcomer("10.2.0.1"), newcomer("10.3.0.1")
    amara.ask(AMARA)
    letter = amara.letter(AMARA)
    bo.arrive(BO)
    before = held.keys.mac(ADDRESS_INDEX, BO)
    with database.write() as session:
        words = four_words.give(session, held.keys, before, visit=fresh_id(), now=clock())
        row = {"offer": "monitoring", "origin": "http://localhost", "locale": "en"}
        session.add(Grant(key_id=1, email_index=before, asked_at=clock(), granted_at=clock(), **row))
    said = say(portal, "rotate")
    assert said.exit_code == 0, said.output
    assert "; all are under key 2 now" in said.output
    ring = KeyRing.read(file)
    assert (ring.current, numbers(database)) == (2, {2})
    # What has not started again since the key was added still has the old one as its current.
    for current in (KeyRing(ring.masters, 1), ring):
        held.keys = current
        assert bo.get("/status").status == 200
    assert amara.follow(letter).status == 303
    assert amara.get("/status").status == 200
    assert emre.arrive(EMRE).status == 200
    with database.read() as session:
        mine = grants.get(session, grants.person_at(ring, BO))
        assert (mine.key_id, mine.email_index) == (2, ring.mac(ADDRESS_INDEX, BO))
        assert four_words.find(session, ring, words, now=clock()) == ring.mac(ADDRESS_INDEX, BO)
        assert session.scalars(select(AuditEvent.subject).where(AuditEvent.kind == "keys:rotated")).all() == ["key:2"]


def test_an_interrupted_rotation_goes_on_and_meanwhile_both_keys_find(
    portal: Flask, newcomer: Newcomer, held: Ground, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = KeyRing(held.keys.masters, 2)
    monkeypatch.setattr(rotation, "AT_ONCE", 1)
    with database.write() as session:
        first = rotation.turn_next(newer, session)
    assert first
    assert (first.done, first.broken) == (2, 0)  # amara's second account came with the first
    assert numbers(database) == {1, 2}
    for number, address in enumerate((AMARA, BO, EMRE)):
        assert newcomer(f"10.{number}.0.1").arrive(address).status == 200
    said = say(portal, "rotate")
    assert said.exit_code == 0, said.output
    assert numbers(database) == {2}


def test_an_address_with_accounts_under_both_keys_comes_together(
    portal: Flask, newcomer: Newcomer, held: Ground, database: Database, file: Path
) -> None:
    ring = KeyRing(KeyRing.read(file).masters, 2)
    cast.move_in_later(database, ring)
    assert say(portal, "rotate").exit_code == 0
    with database.read() as session:
        theirs = session.scalars(select(Customer).where(Customer.email_index == ring.mac(ADDRESS_INDEX, BO))).all()
    assert {ring.unseal(REFERENCE, one.id, one.ref_sealed) for one in theirs} == {"bo-0", "bo-later"}
    assert {one.ref_index for one in theirs} == {
        ring.mac(REFERENCE_INDEX, "stagelight-uk", "bo-0"),
        ring.mac(REFERENCE_INDEX, "seatswap", "bo-later"),
    }
    page = newcomer().arrive(BO)
    assert page.status == 200
    assert "Seat" in page.text


def test_an_account_that_does_not_open_is_told_of_and_stops_nobody(
    portal: Flask, held: Ground, database: Database, keys: KeyRing
) -> None:
    with database.write() as session:
        spoiled = session.scalars(select(Customer).where(Customer.email_index == keys.mac(ADDRESS_INDEX, BO))).one()
        spoiled.email_sealed = keys.seal(ADDRESS, fresh_id(), BO)
        number: UUID = spoiled.id
    said = say(portal, "rotate")
    assert said.exit_code == 1
    assert "1 rows do not open and stay as they are; 3 were turned" in said.output
    with database.read() as session:
        old = session.scalars(select(Customer.id).where(Customer.key_id == 1)).all()
    assert old == [number]
