"""The door of look-ups: their reasons and kinds in words, and the export that two people must agree on."""

from collections.abc import Mapping
from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.approvals.door import describe_export
from portal.approvals.kinds import Description, Kind, Payload
from portal.lookups import looks
from portal.lookups.exports import KIND
from portal.members.roles import Role

# Why somebody looked or acted; each code of `reasons` in words that the customer may read too.
REASONS: Mapping[str, str] = {
    "customer-asked": _l("The customer asked us for help"),
    "customer-wants": _l("The customer wants this"),
    "letter-missing": _l("A letter does not arrive"),
    "result-disputed": _l("The answer is disputed"),
    "code-trouble": _l("A monitoring code does not work"),
    "fraud-suspected": _l("We suspect fraud"),
    "second-look": _l("A second look at a colleague’s work"),
    "mailbox-unsafe": _l("The mailbox may be in other hands"),
    "our-mistake": _l("A mistake of ours is put right"),
}

# What somebody did with a record.
DEEDS: Mapping[str, str] = {
    looks.FOUND: _l("Found the record by a search"),
    looks.CASE: _l("Opened the record, to work on a message to us"),
    looks.READ: _l("Read what was written to us"),
    looks.SHEET: _l("Read the record"),
    looks.ADDRESS: _l("Uncovered the email address"),
    looks.REFERENCE: _l("Uncovered the customer number"),
    looks.LINK: _l("Let a fresh link go to the address on file"),
    looks.STOPPED: _l("Stopped our letters"),
    looks.RESUMED: _l("Let our letters go out again"),
    looks.RESET: _l("Asked for a new password"),
    looks.FLAGGED: _l("Put the answer under review"),
    looks.CONFIRMED: _l("Found that the answer stands"),
    looks.REPLACING: _l("Asked a colleague to agree to another monitoring code"),
    looks.OPENED: _l("Opened a case for the customer"),
    looks.CHANGE: _l("Began a change of the email address"),
    looks.HELPER: _l("Changed who may act for the customer"),
    looks.PASSING: _l("Proposed to write down that the customer has died, or has not"),
}

# Roles as a customer hears of them.
LOOKERS: Mapping[str, str] = {
    Role.AGENT.value: _l("Our help desk"),
    Role.APPROVER.value: _l("A colleague who checks the work of our help desk"),
}


def describe(payload: Payload) -> Description:
    """An export as times and a count."""
    return describe_export(_("Export the look-ups of the staff"), payload)


EXPORT = Kind(
    KIND,
    proposes=frozenset({Role.ADMIN.value}),
    approves=frozenset({Role.APPROVER.value}),
    reasons={
        "audit": _l("An audit of the staff’s work"),
        "alarm": _l("Somebody looked up too much"),
        "authority": _l("An authority asked for it"),
    },
    expires=timedelta(days=3),
    describe=describe,
)
