"""The words of a customer's sheet for what the rooms below only name."""

from flask_babel import lazy_gettext as _l

from portal.cohort.tally import WITHDRAWN
from portal.enrolment import correspondence as code_letters
from portal.enrolment.door import REPLACEMENT
from portal.identity import answering, links
from portal.incident.rules import AFFECTED, NOT_AFFECTED, UNDER_REVIEW, UNKNOWN
from portal.lookups.door import REASONS
from portal.lookups.looks import ADDRESS, REFERENCE
from portal.mail import outbox, suppressions
from portal.reset import correspondence as reset_letters
from portal.reset import obligations

WHY = {"": _l("Choose a reason")} | dict(REASONS)
ABOUT_WHAT = _l("Choose what it is about.")
REPLACING = {"": _l("Choose a reason")} | dict(REPLACEMENT.reasons)
FIELDS = {ADDRESS: _l("Email address"), REFERENCE: _l("Customer number")}
RESULTS = {
    AFFECTED: _l("Affected"),
    NOT_AFFECTED: _l("Not affected"),
    UNKNOWN: _l("Cannot tell yet"),
    UNDER_REVIEW: _l("Under review"),
    WITHDRAWN: _l("Withdrawn: was affected in an earlier revision"),
}
REQUESTS = {
    links.QUEUED: _l("Waits for the worker"),
    links.SENT: _l("Sent, not used yet"),
    links.CONSUMED: _l("Used"),
    links.EXPIRED: _l("Ran out"),
    links.SUPERSEDED: _l("Replaced by a newer one"),
    links.REVOKED: _l("Ended by another proof, or by the owner"),
    links.DROPPED: _l("No letter went out"),
}
DROPPED = {
    "too many": _l("too many letters for this mailbox"),
    "waited too long": _l("it waited too long"),
    "undeliverable": _l("the mailbox did not take it"),
    "does not open": _l("its seal does not open"),
    suppressions.BOUNCED: _l("letters to it came back"),
    suppressions.UNWANTED: _l("its owner wants none"),
    suppressions.STAFF: _l("staff stopped them"),
    suppressions.DECEASED: _l("the customer has died"),
    answering.UNKNOWN: _l("there was no account"),
}
PROOFS = {
    "cookie+link": _l("by browser and link"),
    "link+code": _l("by link and code"),
    "code": _l("by browser and code"),
    "code+link": _l("by code, then link"),
}
LETTERS = {
    answering.LINK: _l("Link and code"),
    reset_letters.KIND: _l("New password set"),
    code_letters.KIND: _l("Monitoring code is ready"),
}
DELIVERY = {
    outbox.QUEUED: _l("Waits"),
    outbox.SENDING: _l("Is being sent"),
    outbox.SENT: _l("The mail server took it"),
    outbox.FAILED: _l("Failed"),
    outbox.BOUNCED: _l("Came back: no such mailbox"),
    outbox.DROPPED: _l("Not sent"),
}
SETTLED = {
    obligations.BY_CUSTOMER: _l("The customer set a new password"),
    obligations.BY_COMPANY: _l("The company’s own log-in said that there is a new password"),
    obligations.CHANGED_SINCE: _l("The password was changed since"),
    obligations.NO_PASSWORD: _l("The account has no password"),
    obligations.WITHDRAWN: _l("The answer was withdrawn"),
}
FLAGS = {
    "guest": _l("guest, without a password"),
    "social": _l("logs in through another service"),
    "minor": _l("a minor"),
    "deceased": _l("deceased"),
}
