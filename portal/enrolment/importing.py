"""Importing: a file of the provider's codes becomes a pool, whole, or is refused whole with line numbers (USE-09)."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from portal.audit import trail
from portal.audit.events import Event
from portal.cohort.faults import Faults
from portal.cohort.lists import CustomerList
from portal.enrolment import codes
from portal.enrolment.codes import Code
from portal.enrolment.pools import Pool, in_line
from portal.sealing import KeyRing
from portal.tokens import fresh_id

COLUMN = "code"
NO_CODE = "no code: it has 8 to 64 letters and digits, with dots, dashes or underscores between"
BATCH = 1000


class LoadedBefore(Exception):
    """The very same file was loaded before, so there is nothing to do."""

    def __init__(self, pool: Pool) -> None:
        super().__init__(f"on {pool.loaded_at:%Y-%m-%d} for the offer “{pool.offer}”")
        self.pool = pool


@dataclass(frozen=True)
class CodeFile:
    """A sound file: its codes in order, each with its line, and the digest of its bytes."""

    codes: dict[str, int]
    digest: str


def inspect(path: Path) -> CodeFile:
    """Read a file with the column `code`; raises ListRefused with every fault and no code."""
    listed = CustomerList(path, [COLUMN])
    found: dict[str, int] = {}
    lines: dict[str, int] = {}
    for line, row in listed.rows():
        written = row[COLUMN].strip()
        if not codes.is_code(written):
            listed.faults.add(line, NO_CODE)
        elif (earlier := lines.setdefault(codes.folded(written), line)) != line:
            listed.faults.add(line, f"the same code as in line {earlier}")
        found[written] = line
    if not found and not listed.faults.total:
        listed.faults.add(1, "there is no code below the first line")
    listed.faults.refuse_if_any()
    return CodeFile(found, listed.digest)


def check(session: Session, keys: KeyRing, file: CodeFile) -> None:
    """Compare with what was loaded before; raises LoadedBefore, or ListRefused where single codes are known."""
    if same := session.scalar(select(Pool).where(Pool.file_digest == file.digest)):
        raise LoadedBefore(same)
    known, faults = codes.known(session, keys, file.codes), Faults()
    for written, line in file.codes.items():
        if codes.folded(written) in known:
            faults.add(line, "a code that was loaded before")
    faults.refuse_if_any()


def load(
    session: Session,
    keys: KeyRing,
    file: CodeFile,
    *,
    offer: str,
    expires: date,
    now: datetime,
    loaded_by: str,
    alone: bool = True,
) -> Pool:
    """Make the pool, open at once if one person may do so alone; raises IntegrityError if another loads it now."""
    pool = Pool(id=fresh_id(), offer=offer, expires=expires, file_digest=file.digest, codes=len(file.codes))
    pool.loaded_at, pool.loaded_by, pool.alone = now, loaded_by, alone
    pool.opened_at = now if alone else None
    rows = [codes.sealed_row(keys, pool.id, written) for written in file.codes]
    # From here on SQLite keeps other writers waiting.
    session.add(pool)
    session.flush()
    for start in range(0, len(rows), BATCH):
        session.execute(insert(Code), rows[start : start + BATCH])
    if alone:
        in_line(session, offer)
    said: dict[str, str | int | bool] = {"offer": offer, "codes": pool.codes, "alone": alone}
    said["expires"] = expires.isoformat()
    trail.record(session, Event.CODES_LOADED, now=now, actor=loaded_by, subject=f"pool:{pool.id}", **said)
    return pool
