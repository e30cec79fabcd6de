"""Every table, imported once, so that migrations and tests see the whole schema."""

from portal.approvals import proposals
from portal.audit import trail
from portal.cases import bulk, case, four_words, messages, notices, proofing, views
from portal.cohort import disputes, exposures
from portal.database import Base
from portal.enrolment import codes, grants, pools
from portal.gate import cohorts, feed
from portal.gate import keys as gate_keys
from portal.identity import customers, helpers, links, visits
from portal.incident import revisions
from portal.journey import consequences
from portal.lookups import looks, searches
from portal.mail import outbox, pace, suppressions
from portal.members import accounts, challenges, invitations, member, passkeys, sessions, sign_ons
from portal.members import codes as member_codes
from portal.reset import obligations, operations
from portal.reset.stores import database as credentials
from portal.reset.stores import turns

metadata = Base.metadata

__all__ = [
    "accounts",
    "bulk",
    "case",
    "challenges",
    "codes",
    "cohorts",
    "consequences",
    "credentials",
    "customers",
    "disputes",
    "exposures",
    "feed",
    "four_words",
    "gate_keys",
    "grants",
    "helpers",
    "invitations",
    "links",
    "looks",
    "member",
    "member_codes",
    "messages",
    "metadata",
    "notices",
    "obligations",
    "operations",
    "outbox",
    "pace",
    "passkeys",
    "pools",
    "proofing",
    "proposals",
    "revisions",
    "searches",
    "sessions",
    "sign_ons",
    "suppressions",
    "trail",
    "turns",
    "views",
    "visits",
]
