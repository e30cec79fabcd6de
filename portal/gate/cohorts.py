"""Cohorts: each brand's cohort file as it was last made, and the worker's making of it."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import BigInteger, LargeBinary, Row, SmallInteger, String, delete, func, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.clock import Clock
from portal.database import Base, Database, changed
from portal.gate import cohort_file, feed, words
from portal.gate import keys as gate_keys
from portal.gate.keys import Scope
from portal.identity.customers import REFERENCE, Customer
from portal.incident.file import Incident
from portal.reset.obligations import Obligation
from portal.sealing import KeyRing

PAGE = 5_000


class GateCohort(Base):
    """A brand's file, the place in the feed up to which it is true, and the key that it was made with."""

    __tablename__ = "gate_cohort"

    brand: Mapped[str] = mapped_column(String(40), primary_key=True)
    number: Mapped[int] = mapped_column(BigInteger)
    key_id: Mapped[int] = mapped_column(SmallInteger)
    made_at: Mapped[datetime]
    digest: Mapped[str] = mapped_column(String(64))
    content: Mapped[bytes] = mapped_column(LargeBinary)


class File(NamedTuple):
    """A file's digest, and what it holds."""

    digest: str
    content: bytes | None


@dataclass
class Cohorts:
    """Makes the file of each brand that has a key for it, whenever something changed: some thousand accounts a step."""

    database: Database
    keys: KeyRing
    incident: Incident
    clock: Clock
    begun: Iterator[object] = field(default_factory=lambda: iter(()), init=False)

    def look(self) -> bool:
        """Whether a file is missing or old."""
        return bool(self._wanted())

    def step(self) -> bool:
        """Go on with the file that was begun, or begin another one; whether there is more to do."""
        if next(self.begun, None) is None:
            self.begun = self._steps(self._wanted())
            return next(self.begun, None) is not None
        return True

    def make(self, brand: str) -> None:
        """Make a brand's file at once."""
        for _ in self._steps([brand]):
            pass

    def _steps(self, brands: Sequence[str]) -> Iterator[object]:
        for brand in brands:
            now, entries = self.clock(), list[bytes]()
            with self.database.read() as session:
                number = feed.last(session)  # before the accounts: the file may know more than it says, never less
            for page in self._pages(brand):
                entries += page
                yield brand
            entries.sort()
            told = shown(self.incident, brand)
            head = {"number": number, "made_at": now.isoformat(), "show": told}
            made = GateCohort(brand=brand, number=number, key_id=self.keys.current, made_at=now)
            made.content = cohort_file.whole(self.keys, brand, head, entries)
            made.digest = cohort_file.fingerprint(self.keys, told, entries)
            with self.database.write() as session:
                _keep(session, made)

    def _wanted(self) -> list[str]:
        with self.database.read() as session:
            wanted = gate_keys.brands_with(session, Scope.COHORT, now=self.clock())
            fresh = select(GateCohort.brand).where(GateCohort.number >= feed.last(session))
            made = set(session.scalars(fresh.where(GateCohort.key_id == self.keys.current)))
        return [brand.id for brand in self.incident.brands if brand.id in wanted and brand.id not in made]

    def _pages(self, brand: str) -> Iterator[list[bytes]]:
        blinding, usual = cohort_file.blinding_of(self.keys, brand), self.incident.password_cut_off
        last: UUID | None = None
        while page := self._page(brand, last):
            named = [(self.keys.unseal(REFERENCE, one, sealed), before or usual) for one, sealed, before in page]
            yield [cohort_file.entry(blinding, reference, max(usual, before)) for reference, before in named]
            last = page[-1][0]

    def _page(self, brand: str, after: UUID | None) -> Sequence[Row[UUID, bytes, datetime | None]]:
        before = func.max(Obligation.passwords_before)
        owing = select(Customer.id, Customer.ref_sealed, before).join(Obligation, Obligation.customer_id == Customer.id)
        owing = owing.where(Obligation.settled_at.is_(None), Customer.brand == brand)
        if after:
            owing = owing.where(Customer.id > after)
        with self.database.read() as session:
            return session.execute(owing.group_by(Customer.id).order_by(Customer.id).limit(PAGE)).all()


def shown(incident: Incident, brand: str) -> dict[str, dict[str, str]]:
    """What to show to somebody who must set a new password, in each language."""
    return {one: {"text": words.text(one), "address": words.address(incident, brand, one)} for one in incident.locales}


def find(session: Session, brand: str, known: Container[str]) -> File | None:
    """A brand's file, without content where its digest is known; None while there is none."""
    digest = session.scalar(select(GateCohort.digest).where(GateCohort.brand == brand))
    if digest is None or digest in known:
        return File(digest, None) if digest else None
    return File(*session.execute(select(GateCohort.digest, GateCohort.content).where(GateCohort.brand == brand)).one())


def _keep(session: Session, made: GateCohort) -> None:
    """Keep a new file, unless another worker kept a later one; one that says the same stays as it is."""
    mine = GateCohort.brand == made.brand
    held = session.execute(select(GateCohort.number, GateCohort.digest).where(mine).with_for_update()).first()
    if held is None or (held.number <= made.number and held.digest != made.digest):
        session.execute(delete(GateCohort).where(mine))  # without reading what it held, which may be large
        session.add(made)
    else:
        known = {"number": max(held.number, made.number), "key_id": made.key_id}
        changed(session, update(GateCohort).where(mine).values(known))
