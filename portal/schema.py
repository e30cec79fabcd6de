"""Every table, imported once, so that migrations and tests see the whole schema."""

from portal.audit import trail
from portal.cohort import exposures
from portal.database import Base
from portal.enrolment import codes, grants, pools
from portal.identity import customers, links, visits
from portal.incident import revisions
from portal.mail import outbox, suppressions

metadata = Base.metadata

__all__ = [
    "codes",
    "customers",
    "exposures",
    "grants",
    "links",
    "metadata",
    "outbox",
    "pools",
    "revisions",
    "suppressions",
    "trail",
    "visits",
]
