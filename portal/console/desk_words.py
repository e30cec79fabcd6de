"""What the desk calls the turns, the filters, and the reasons of the staff."""

from flask_babel import lazy_gettext as _l

from portal.cases import queue
from portal.cases.case import ANSWERED, CLOSED, NEW, OPEN, WAITING
from portal.cases.reasons import Answering, Asking, Closure, Handing, Reason
from portal.cohort import disputes

TURNS = {
    queue.OURS: _l("Ours to do"),
    queue.THEIRS: _l("With the customer"),
    queue.OVER: _l("Closed"),
}
ONLY = {
    "": _l("All of them"),
    queue.MINE: _l("Mine"),
    queue.FREE: _l("Nobody has it"),
    queue.LATE: _l("Late"),
}
REASONS = {
    Reason.MAILBOX_GONE: _l("Mailbox gone"),
    Reason.LETTER_MISSING: _l("Letter does not come"),
    Reason.RESULT_DISPUTED: _l("Answer disputed"),
    Reason.CODE_FAILS: _l("Code does not work"),
    Reason.FRAUD: _l("Fraud"),
    Reason.CHILD: _l("For a child"),
    Reason.DECEASED: _l("For somebody who died"),
    Reason.OTHER: _l("Something else"),
}
STATES = {
    NEW: _l("New"),
    OPEN: _l("In work"),
    WAITING: _l("Waits for the customer"),
    ANSWERED: _l("Answered"),
    CLOSED: _l("Closed"),
}
ANSWERING = {
    Answering.EXPLAINED: _l("I explained it"),
    Answering.DONE: _l("I did what was asked"),
    Answering.TOLD: _l("I said how it stands"),
    Asking.MORE_NEEDED: _l("I ask for more"),
    Asking.WHICH_ACCOUNT: _l("I ask which account it is"),
}
CLOSING = {
    Closure.SOLVED: _l("Solved"),
    Closure.NO_REPLY: _l("No reply for a long time"),
    Closure.NOT_OURS: _l("Not about us"),
}
ENDED = CLOSING | {Closure.BY_CUSTOMER: _l("The customer closed it"), Closure.MERGED: _l("Goes on in another case")}
HANDING = {
    Handing.ABSENT: _l("Whoever had it is away"),
    Handing.KNOWS_BETTER: _l("Somebody else knows more"),
    Handing.LANGUAGE: _l("For its language"),
    Handing.TOO_MUCH: _l("Too much on one desk"),
}
DECIDING = {
    disputes.STANDS: _l("The answer was right"),
    disputes.REVISE: _l("The answer was wrong; the next list puts it right"),
}
