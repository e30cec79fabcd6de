"""What pages of customers and staff call reasons, states and ends of cases, and which texts they take."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, ValidationError

from portal.cases import messages
from portal.cases.case import ANSWERED, CLOSED, NEW, OPEN, WAITING
from portal.cases.reasons import Closure, Reason

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
