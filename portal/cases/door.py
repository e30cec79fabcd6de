"""What pages of customers and staff call reasons, states and ends of cases, and what the staff proposes about them."""

from datetime import timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, ValidationError

from portal.approvals.door import describe_export
from portal.approvals.kinds import Description, Kind, Payload
from portal.cases import cooling, exports, messages, proofing
from portal.cases.case import ANSWERED, CLOSED, NEW, OPEN, WAITING
from portal.cases.reasons import Closure, Reason
from portal.incident.evidence import Evidence
from portal.members.roles import Role

REASONS = {
    Reason.MAILBOX_GONE: _l("I cannot get into my mailbox any more"),
    Reason.LETTER_MISSING: _l("The letter does not come"),
    Reason.RESULT_DISPUTED: _l("The answer about my account is wrong"),
    Reason.CODE_FAILS: _l("My code does not work"),
    Reason.FRAUD: _l("I think that somebody is using my data"),
    Reason.CHILD: _l("It is about my child"),
    Reason.DECEASED: _l("It is about somebody who has died"),
    Reason.OTHER: _l("Something else"),
}
STATES = {
    NEW: _l("Sent"),
    OPEN: _l("We are working on it"),
    WAITING: _l("We need an answer from you"),
    ANSWERED: _l("Answered"),
    CLOSED: _l("Closed"),
}
CLOSURES = {
    Closure.SOLVED: _l("It is solved."),
    Closure.BY_CUSTOMER: _l("You told us that you need no answer any more."),
    Closure.NO_REPLY: _l("We asked you something and heard nothing for a long time."),
    Closure.MERGED: _l("We go on with it in another case of yours."),
    Closure.NOT_OURS: _l("It is not about us."),
}
EVIDENCE = {
    Evidence.POSTED_LETTER: _l("The code of our letter on paper came back"),
    Evidence.ORDER_NUMBER: _l("They know the number of an order"),
    Evidence.PAST_EVENTS: _l("They know what they bought before"),
    Evidence.IDENTITY_SEEN: _l("We saw them with a passport or identity card"),
    Evidence.CALL_BACK: _l("We called the number that we know"),
    Evidence.HOME_ADDRESS: _l("They know the home address that we know"),
    Evidence.CARD_DIGITS: _l("They know the last digits of their card"),
}
CHANGES = {
    proofing.CLAIMED: _l("Begun"),
    proofing.PROPOSED: _l("Waits for a second person"),
    proofing.COOLING: _l("Waits for 72 hours"),
    proofing.APPLIED: _l("Done: the new address holds"),
    proofing.REFUSED: _l("Refused"),
    proofing.CANCELLED: _l("Stopped"),
    proofing.EXPIRED: _l("Ended: nobody agreed in time"),
}


def _change(payload: Payload) -> Description:
    names = (name for name in str(payload["evidence"]).split(",") if name)
    seen = "; ".join(str(EVIDENCE[Evidence(name)]) for name in names)
    facts = (
        (_("Change"), str(payload["change"])),
        (_("Account"), str(payload["customer"])),
        (_("Case"), str(payload["case"])),
        (_("Evidence"), seen),
        (_("Digest of the new address"), str(payload["address"])),
        (_("Drawn to decide"), str(payload["approver"])),
    )
    return Description(_("Give an account another email address"), facts)


def _hurry(payload: Payload) -> Description:
    facts = (
        (_("Change"), str(payload["change"])),
        (_("Account"), str(payload["customer"])),
        (_("Would wait until"), str(payload["until"])),
    )
    return Description(_("Let a change of address not wait for 72 hours"), facts)


CHANGE = Kind(
    cooling.KIND,
    proposes=frozenset({Role.AGENT.value}),
    approves=frozenset({Role.APPROVER.value}),
    reasons={
        "mailbox-closed": _l("Their mailbox was closed"),
        "mailbox-taken": _l("Somebody else has their mailbox"),
        "mailbox-locked": _l("They cannot get into their mailbox"),
        "typing-error": _l("Their address was never right"),
    },
    expires=proofing.PROPOSAL_LASTS,
    describe=_change,
    admits=cooling.admits,
)
SOONER = Kind(
    cooling.SOONER,
    proposes=frozenset({Role.AGENT.value}),
    approves=frozenset({Role.APPROVER.value}),
    reasons={
        "money-at-risk": _l("They may lose money right now"),
        "account-in-use": _l("Somebody is using their account right now"),
    },
    expires=proofing.COOLS,
    describe=_hurry,
    approvers=2,
)


def _export(payload: Payload) -> Description:
    return describe_export(_("Export the cases of some days, without what was said"), payload)


EXPORT = Kind(
    exports.KIND,
    proposes=frozenset({Role.ADMIN.value}),
    approves=frozenset({Role.APPROVER.value}),
    reasons={
        "help-desk": _l("For the company’s own help-desk system"),
        "report": _l("For a report"),
        "authority": _l("An authority asked for it"),
    },
    expires=timedelta(days=3),
    describe=_export,
)


class Written:
    """A text that a person can have meant: not empty, and not endless; it is tidied on the way."""

    def __call__(self, form: object, field: Field) -> None:
        """Raises ValidationError with what to do."""
        field.data = messages.tidy(field.data or "")
        if not field.data:
            raise ValidationError(_("Write to us what happened, in your own words."))
        if (length := len(field.data)) > messages.LONGEST:
            said = {"length": length, "most": messages.LONGEST}
            raise ValidationError(
                _("Make it shorter. It has %(length)s letters and signs, and we take %(most)s.", **said)
            )
