"""At once and in order: few words to the database for a code, the oldest pool first, new codes in the line's turn."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import event, select, update

from portal.approvals.proposals import Proposal
from portal.database import Database
from portal.enrolment import grants, pools, resuming, taking
from portal.enrolment.codes import Code
from portal.enrolment.giving import PoolEmpty, Wish
from portal.enrolment.opening import Opening
from portal.enrolment.pools import Pool
from portal.sealing import KeyRing
from tests.enrolment import bench
from tests.enrolment.bench import LAST_DAY, had, some_codes, stock_up
from tests.requirements import requirement
from tests.servers.ground import MORNING

OFFER = "monitoring"
MOMENT = 0.3  # seconds in which somebody who need not wait is long done


@contextmanager
def said(database: Database) -> Iterator[list[str]]:
    """The statements that reach the database meanwhile."""
    heard: list[str] = []

    def hear(_line: Any, _cursor: Any, statement: str, *_: Any) -> None:
        heard.append(statement)

    event.listen(database.engine, "before_cursor_execute", hear)
    yield heard
    event.remove(database.engine, "before_cursor_execute", hear)


def ask(database: Database, keys: KeyRing, name: str) -> Code:
    """The code that this person is given."""
    wish = Wish(grants.person_at(keys, f"{name}@mail.example"), OFFER, "http://127.0.0.1", "en")
    grant = had(database, wish)
    with database.read() as session:
        return session.scalars(select(Code).where(Code.grant_id == grant.id)).one()


def test_a_grant_is_one_statement_where_the_database_can_and_three_elsewhere(database: Database, keys: KeyRing) -> None:
    stock_up(database, keys, some_codes(2))
    wish = Wish(grants.person_at(keys, "amara@mail.example"), OFFER, "http://127.0.0.1", "en")
    with said(database) as heard:
        had(database, wish)
    assert len(heard) == (3 if database.is_sqlite else 1), heard


@requirement("COD-02")
def test_the_oldest_pool_that_gives_any_is_emptied_first(database: Database, keys: KeyRing) -> None:
    for begins in ("SHUT", "ONCE", "NEXT"):
        stock_up(database, keys, some_codes(2, begins))
    with database.write() as session:
        first = session.scalars(select(Pool.id).order_by(Pool.id)).first()
        session.execute(update(Pool).where(Pool.id == first).values(halted_at=MORNING))
    with database.read() as session:
        held = session.scalars(select(Pool.id).order_by(Pool.id)).all()
    given = [ask(database, keys, f"guest{number}").pool_id for number in range(4)]
    assert given == [held[1], held[1], held[2], held[2]]
    with pytest.raises(PoolEmpty):
        ask(database, keys, "guest4")


def loaded(database: Database, keys: KeyRing) -> None:
    """An operator loads codes alone."""
    stock_up(database, keys, some_codes(1, "MORE"))


def opened(database: Database, _keys: KeyRing) -> None:
    """A pool is opened that two people agreed on."""
    with database.write() as session:
        pool = session.scalars(select(Pool)).one()
        agreed = {"pool": str(pool.id), "offer": OFFER, "codes": 1}
        Opening(database).carry_out(session, Proposal(id=1, payload=agreed), now=MORNING)


def resumed(database: Database, keys: KeyRing) -> None:
    """A pool gives codes again that came back from a backup."""
    with database.write() as session:
        resuming.resume(session, keys, [], actor="operator", now=MORNING)


def change(database: Database, **values: datetime | None) -> None:
    """Let every pool be so."""
    with database.write() as session:
        session.execute(update(Pool).values(**values))


@requirement("COD-06")
@pytest.mark.parametrize(
    ("act", "before"),
    [(loaded, {}), (opened, {"opened_at": None}), (resumed, {"halted_at": datetime(2018, 7, 1, tzinfo=UTC)})],
    ids=["loaded", "opened", "resumed"],
)
def test_codes_become_free_only_in_the_lines_turn(
    database: Database, keys: KeyRing, act: Callable[[Database, KeyRing], None], before: dict[str, datetime | None]
) -> None:
    if before:
        stock_up(database, keys, some_codes(1))
        change(database, **before)
    acting = Thread(target=act, args=(database, keys))
    with database.write() as session:
        pools.in_line(session, OFFER)
        acting.start()
        acting.join(MOMENT)
        assert acting.is_alive(), "codes came while somebody was joining the line"
    acting.join()
    with database.read() as session:
        assert taking.is_any_free(session, OFFER, LAST_DAY)


@requirement("COD-06")
def test_nobody_gets_a_code_while_somebody_joins_the_line(database: Database, keys: KeyRing) -> None:
    stock_up(database, keys, some_codes(1))
    asking = Thread(target=ask, args=(database, keys, "amara"))
    with database.write() as session:
        pools.in_line(session, OFFER)
        asking.start()
        asking.join(MOMENT)
        assert asking.is_alive()
    asking.join()
    assert len(bench.given(database)) == 1
