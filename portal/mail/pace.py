"""The pace: how many letters a second may leave, counted by all workers in one row."""

from datetime import datetime, timedelta

from sqlalchemy import CheckConstraint, SmallInteger, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from portal.database import Base, inserted

ONLY = 1


class LetterPace(Base):
    """One row: up to which moment the pace is used up; who holds it takes letters alone."""

    __tablename__ = "letter_pace"
    __table_args__ = (CheckConstraint("id = 1", name="only"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    used_up: Mapped[datetime]


def held(session: Session, per_second: float, *, now: datetime) -> LetterPace:
    """The row, held until the transaction ends; what nobody used for longer than a second is lost."""
    earliest = now - timedelta(seconds=max(1, 1 / per_second))
    row = select(LetterPace).with_for_update()
    if (pace := session.scalar(row)) is None:
        inserted(session, LetterPace, id=ONLY, used_up=earliest)
        pace = session.scalars(row).one()
    pace.used_up = max(pace.used_up, earliest)
    return pace


def free(pace: LetterPace, per_second: float, *, now: datetime) -> float:
    """How many letters may leave now; less than one is time to wait for."""
    return (now - pace.used_up).total_seconds() * per_second


def spend(pace: LetterPace, per_second: float, letters: int) -> None:
    """So many leave."""
    pace.used_up += timedelta(seconds=letters / per_second)
