"""Exposures: one account's answer from one revision until another, and never changed in between."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from portal.database import Base
from portal.identity.customers import Customer
from portal.incident.revisions import Revision

IS_CLOSED = text("until_revision IS NOT NULL")


class Exposure(Base):
    """The answer; closing it by a later revision is the one allowed UPDATE."""

    __tablename__ = "exposure"
    __table_args__ = (
        CheckConstraint("result in ('AFFECTED', 'NOT_AFFECTED', 'UNKNOWN', 'UNDER_REVIEW')", name="result"),
        CheckConstraint("until_revision > from_revision", name="order"),
        CheckConstraint("(result = 'AFFECTED') = (categories <> '')", name="categories"),
        UniqueConstraint("customer_id", "from_revision"),
        Index("ix_exposure_from_revision", "from_revision", "customer_id"),
        Index("ix_exposure_until_revision", "until_revision", sqlite_where=IS_CLOSED, postgresql_where=IS_CLOSED),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[UUID] = mapped_column(ForeignKey(Customer.id))
    from_revision: Mapped[int] = mapped_column(ForeignKey(Revision.number))
    until_revision: Mapped[int | None] = mapped_column(ForeignKey(Revision.number))
    result: Mapped[str] = mapped_column(String(12))
    categories: Mapped[str] = mapped_column(Text, default="")
