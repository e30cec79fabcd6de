"""Sealing: whoever has the database alone reads no code, and cannot make one person's code another's."""

from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update

from portal.database import Database
from portal.enrolment import codes
from portal.enrolment.codes import Code
from portal.sealing import KeyRing, SealBroken
from tests.cast import AMARA, settle
from tests.enrolment import bench
from tests.enrolment.bench import code_on, reveal, some_codes, stock_up
from tests.requirements import requirement
from tests.visitor import Visitor


def rewrite(database: Database, code: Code, **values: object) -> None:
    """Let a thief write into the database."""
    with database.write() as session:
        session.execute(update(Code).where(Code.id == code.id).values(**values))


@requirement("COD-03")
def test_a_swapped_code_does_not_open(visitor: Visitor, database: Database, keys: KeyRing) -> None:
    settle(database, keys)
    stock_up(database, keys, some_codes(1))
    stock_up(database, keys, some_codes(1, "OTHER"))
    visitor.arrive(AMARA.address)
    assert code_on(reveal(visitor)) != ""
    [mine] = bench.given(database)
    with database.read() as session:
        other = session.scalars(select(Code).where(Code.id != mine.id)).one()
    rewrite(database, mine, code_sealed=other.code_sealed)
    broken = reveal(visitor)
    assert broken.status == 500
    assert "-QXZ7" not in broken.text
    rewrite(database, mine, code_sealed=mine.code_sealed, pool_id=other.pool_id)
    assert reveal(visitor).status == 500
    rewrite(database, mine, pool_id=mine.pool_id)
    assert reveal(visitor).status == 200


@requirement("COD-03")
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(written=st.from_regex(codes.SHAPE, fullmatch=True), row=st.uuids(), pool=st.uuids())
def test_a_sealed_code_opens_in_its_row_and_pool_alone(keys: KeyRing, written: str, row: UUID, pool: UUID) -> None:
    held = codes.sealed_row(keys, pool, written)
    assert written.encode() not in held["code_sealed"]
    assert codes.read(keys, Code(**held)) == written
    for elsewhere in ({"id": row}, {"pool_id": row}):
        with pytest.raises(SealBroken):
            codes.read(keys, Code(**{**held, **elsewhere}))
