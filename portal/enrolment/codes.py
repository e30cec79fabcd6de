"""Codes: the provider's, each sealed to its row and pool, told apart by a keyed MAC, given to one person at most."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal import keyed
from portal.database import Base, changed
from portal.enrolment.grants import Grant
from portal.sealing import KeyRing
from portal.tokens import fresh_id

SEALED = "monitoring code"
SAME = "same monitoring code"
SHAPE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{6,62}[A-Za-z0-9]")
NOBODYS = text("grant_id is null")
GOOD, RETIRED = text("retired_at is null"), text("retired_at is not null")
AT_ONCE = 400  # values in one question


def folded(written: str) -> str:
    """A code as it is compared: two that a person could take for one are one."""
    return re.sub(r"[._-]", "", written).upper()


BY_CODE = keyed.index(SAME, "code_sealed", spelled=folded, leads=False)


class Code(Base):
    """One code; two constraints promise that nobody has two good ones, and no two the same (COD-01, COD-02).

    A retired one stays its person's, so that nobody else gets it.
    """

    __tablename__ = "code"
    __table_args__ = (
        CheckConstraint("retired_at is null or grant_id is not null", name="retired"),
        Index("ix_code_free", "pool_id", "id", sqlite_where=NOBODYS, postgresql_where=NOBODYS),
        Index("uq_code_grant_id", "grant_id", unique=True, sqlite_where=GOOD, postgresql_where=GOOD),
        Index("ix_code_retired", "grant_id", "pool_id", sqlite_where=RETIRED, postgresql_where=RETIRED),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=fresh_id)
    pool_id: Mapped[UUID] = mapped_column(ForeignKey("pool.id"))
    key_id: Mapped[int] = mapped_column(SmallInteger)
    code_sealed: Mapped[bytes] = mapped_column(LargeBinary, info=keyed.sealed(SEALED, "pool_id"))
    code_mac: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True, info=BY_CODE)
    last_four: Mapped[str] = mapped_column(String(4))
    grant_id: Mapped[UUID | None] = mapped_column(ForeignKey(Grant.id))
    retired_at: Mapped[datetime | None]


def is_code(written: str) -> bool:
    """Whether this looks like a code: 8 to 64 letters, digits, dots and dashes."""
    return SHAPE.fullmatch(written) is not None


def sealed_row(keys: KeyRing, pool: UUID, written: str) -> dict[str, Any]:
    """A row for a code: readable for nobody who has only the database."""
    row = fresh_id()
    return {
        "id": row,
        "pool_id": pool,
        "key_id": keys.current,
        "code_sealed": keys.seal(SEALED, row, written, pool),
        "code_mac": keys.mac(SAME, folded(written)),
        "last_four": written[-4:],
    }


def known(session: Session, keys: KeyRing, written: Iterable[str]) -> set[str]:
    """Those of these codes, folded, that were loaded before, under any live key."""
    wanted = {mac: code for code in map(folded, written) for mac in keys.macs(SAME, code).values()}
    macs = list(wanted)
    cuts = (macs[start : start + AT_ONCE] for start in range(0, len(macs), AT_ONCE))
    found = (session.scalars(select(Code.code_mac).where(Code.code_mac.in_(cut))) for cut in cuts)
    return {wanted[mac] for rows in found for mac in rows}


def of(session: Session, grant: UUID) -> Code:
    """The good code of a grant that has one."""
    return session.scalars(select(Code).where(Code.grant_id == grant, Code.retired_at.is_(None))).one()


def retire(session: Session, code: UUID, *, now: datetime) -> bool:
    """Let a code be nobody's good one any more, for ever; False where it is that already."""
    given = update(Code).where(Code.id == code, Code.grant_id.is_not(None), Code.retired_at.is_(None))
    return changed(session, given.values(retired_at=now)) == 1


def read(keys: KeyRing, code: Code) -> str:
    """The code as the provider wrote it; raises SealBroken."""
    return keys.unseal(SEALED, code.id, code.code_sealed, code.pool_id)
