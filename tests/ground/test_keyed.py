"""Every column says what it owes to the keys, a rotation turns all that can be turned, and a key goes only then."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import LargeBinary, Table, select, text, update

from portal import keyed, resealing
from portal.database import Database
from portal.identity.addresses import read
from portal.identity.customers import ADDRESS_INDEX, REFERENCE_INDEX
from portal.identity.links import MAILBOX
from portal.schema import metadata
from portal.sealing import KeyRing, SealBroken
from tests import cast
from tests.enrolment.bench import some_codes
from tests.ground.everything import fill
from tests.requirements import requirement
from tests.servers.app import Newcomer
from tests.servers.ground import StillClock

pytestmark = [requirement("OPS-07"), requirement("ENG-01")]

# Bytes that no key of the ring made: what passkeys are, random challenges, the trail's own chain, and the gate's file,
# which is made anew.
NO_KEY = {
    "passkey.credential_id", "passkey.public_key", "challenge.digest", "audit_seal.mac", "gate_cohort.content",
}  # fmt: skip


@pytest.fixture
def keys() -> KeyRing:
    """A second key was added, and everything has started again since."""
    return KeyRing.fresh().with_another()


@pytest.fixture
def younger(keys: KeyRing) -> KeyRing:
    """What is left once the first key went."""
    return KeyRing({2: keys.masters[2]}, 2)


def say(portal: Flask, *words: str) -> Result:
    portal.extensions["portal"].__dict__.pop("keys", None)
    return portal.test_cli_runner().invoke(args=["keys", *words])


def held(database: Database, table: Table) -> list[dict[str, object]]:
    with database.read() as session:
        return [dict(row) for row in session.execute(select(table)).mappings()]


def sealed_values(database: Database) -> Iterator[tuple[str, bytes, tuple[object, ...]]]:
    for table in metadata.sorted_tables:
        for row in held(database, table) if keyed.sealed_in(table) else ():
            number = row[next(iter(table.primary_key.columns)).name]
            for name, kind in keyed.sealed_in(table).items():
                if row[name] is not None:
                    yield f"{table.name}.{name}", row[name], (kind.purpose, number, *(row[one] for one in kind.within))  # type: ignore[misc]


def indexes(database: Database) -> Iterator[tuple[str, bytes]]:
    for table in metadata.sorted_tables:
        for row in held(database, table) if keyed.indexes_in(table) else ():
            yield from ((f"{table.name}.{name}", row[name]) for name in keyed.indexes_in(table) if row[name])  # type: ignore[misc]


def columns(of: Callable[[Table], Iterable[str]]) -> set[str]:
    return {f"{table.name}.{name}" for table in metadata.sorted_tables for name in of(table)}


def known(ring: KeyRing) -> set[bytes]:
    """What everything in the tests' database is looked up by, under the ring's current key."""
    people = [read(one.address) for one in (*cast.CUSTOMERS, cast.FATOU)]
    named = [
        (f"{one.name}-{number}", account.brand) for one in cast.CUSTOMERS for number, account in enumerate(one.accounts)
    ]
    return {
        *(ring.mac(ADDRESS_INDEX, one.canonical) for one in people),
        *(ring.mac(MAILBOX, one.mailbox) for one in people),
        *(ring.mac(REFERENCE_INDEX, brand, name) for name, brand in named),
        *(ring.mac("same monitoring code", code.replace("-", "")) for code in some_codes(3)),
        ring.mac("member address index", "chen@stagelight.example"),
    }


def test_every_column_of_bytes_says_what_it_owes_to_the_keys() -> None:
    silent = {
        f"{table.name}.{column.name}"
        for table in metadata.sorted_tables
        for column in table.c
        if isinstance(column.type, LargeBinary) and keyed.kind_of(column) is None
    }
    assert silent == NO_KEY


def test_what_is_looked_up_by_is_found_without_reading_a_whole_table() -> None:
    for purpose in (ADDRESS_INDEX, MAILBOX, REFERENCE_INDEX):
        for column in keyed.leading(purpose):
            whole = (one for one in column.table.indexes if one.dialect_options["sqlite"]["where"] is None)
            first = {next(iter(one.columns)).name for one in (*whole, column.table.primary_key)}
            assert column.unique or column.name in first, column


def test_after_a_rotation_all_that_is_sealed_or_looked_up_by_is_under_the_new_key(
    portal: Flask, database: Database, keys: KeyRing, younger: KeyRing
) -> None:
    fill(database, keys)
    assert {name for name, *_ in sealed_values(database)} == columns(keyed.sealed_in)
    assert {name for name, _ in indexes(database)} == columns(keyed.indexes_in)
    assert {name for name, value in indexes(database) if value not in known(keys)} == set()
    said = say(portal, "rotate")
    assert said.exit_code == 0, said.output
    for name, value, (purpose, *rows) in sealed_values(database):
        try:
            younger.unseal(purpose, rows[0], value, *rows[1:])  # type: ignore[arg-type]
        except SealBroken:
            pytest.fail(f"{name} does not open")
    assert {name for name, value in indexes(database) if value not in known(younger)} == set()
    again = say(portal, "rotate")
    assert "0 rows were turned" in again.output


def test_a_key_stays_while_anything_needs_it(
    portal: Flask, database: Database, keys: KeyRing, clock: StillClock
) -> None:
    fill(database, keys)
    assert "not in the ring" in say(portal, "retire", "3").output
    assert "current one" in say(portal, "retire", "1").output
    assert say(portal, "rotate").exit_code == 0
    assert "a day later" in say(portal, "retire", "1").output
    clock.move(hours=26)
    said = say(portal, "retire", "1")
    assert said.exit_code == 1
    assert said.output.endswith("because rows need it: 1 of help_case, 1 of address_change.\n")


def test_a_key_that_nothing_needs_leaves_the_ring_and_everybody_is_found(
    portal: Flask,
    database: Database,
    keys: KeyRing,
    younger: KeyRing,
    clock: StillClock,
    request: pytest.FixtureRequest,
) -> None:
    fill(database, keys)
    assert say(portal, "rotate").exit_code == 0
    with database.write() as session:
        session.execute(text("UPDATE help_case SET erased_at = opened_at"))
        session.execute(text("UPDATE address_change SET state = 'EXPIRED', ended_at = started_at"))
        # A process that has not started again wrote this under the old key after all was turned.
        late = text("UPDATE code_grant SET key_id = 1, email_index = :before")
        session.execute(late, {"before": keys.mac(ADDRESS_INDEX, cast.AMARA.address)})
    clock.move(hours=26)
    said = say(portal, "retire", "1")
    assert said.exit_code == 0, said.output
    ground = portal.extensions["portal"]
    path: Path = ground.settings.within(ground.settings.keys_file)
    assert KeyRing.read(path) == younger
    assert {name for name, value in indexes(database) if value not in known(younger)} == set()
    assert say(portal, "check").exit_code == 0
    ground.keys = younger
    newcomer: Newcomer = request.getfixturevalue("newcomer")
    assert newcomer().arrive(cast.BO.address).status == 200


def test_what_is_erased_while_it_is_turned_stays_erased(database: Database, keys: KeyRing) -> None:
    fill(database, keys)
    letter = metadata.tables["letter"]

    def sent_meanwhile(address: str) -> str:
        session.execute(update(letter).values(state="SENT", content_sealed=None))
        return address

    with database.write() as session:
        step = resealing.turn_next(KeyRing(keys.masters, 2), letter, sent_meanwhile, session)
    assert step
    assert (step.done, step.broken) == (0, 0)
    (row,) = held(database, letter)
    assert (row["state"], row["content_sealed"]) == ("SENT", None)
