"""Every table, imported once, so that migrations and tests see the whole schema."""

from portal.approvals import proposals
from portal.audit import trail
from portal.cohort import exposures
from portal.database import Base
from portal.enrolment import codes, grants, pools
from portal.identity import customers, links, visits
from portal.incident import revisions
from portal.journey import consequences
from portal.mail import outbox, suppressions
from portal.members import accounts, challenges, invitations, member, passkeys, sessions, sign_ons
from portal.members import codes as member_codes
from portal.reset import obligations, operations
from portal.reset.stores import database as credentials

metadata = Base.metadata

__all__ = [
    "accounts",
    "challenges",
    "codes",
    "consequences",
    "credentials",
    "customers",
    "exposures",
    "grants",
    "invitations",
    "links",
    "member",
    "member_codes",
    "metadata",
    "obligations",
    "operations",
    "outbox",
    "passkeys",
    "pools",
    "proposals",
    "revisions",
    "sessions",
    "sign_ons",
    "suppressions",
    "trail",
    "visits",
]
