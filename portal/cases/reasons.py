"""Reasons: why a customer needs a person, how soon one must answer, and how a case can end; fixed lists (STF-11)."""

from enum import StrEnum


class Reason(StrEnum):
    """What a case is about."""

    MAILBOX_GONE = "mailbox-gone"
    LETTER_MISSING = "letter-missing"
    RESULT_DISPUTED = "result-disputed"
    CODE_FAILS = "code-fails"
    FRAUD = "fraud"
    CHILD = "child"
    DECEASED = "deceased"
    OTHER = "other"


class Closure(StrEnum):
    """How a case ended."""

    SOLVED = "solved"
    BY_CUSTOMER = "by-customer"
    NO_REPLY = "no-reply"
    MERGED = "merged"
    NOT_OURS = "not-ours"


class Answering(StrEnum):
    """Why a member answers."""

    EXPLAINED = "explained"
    DONE = "done"
    TOLD = "told"


class Asking(StrEnum):
    """Why a member asks the customer."""

    MORE_NEEDED = "more-needed"
    WHICH_ACCOUNT = "which-account"


class Handing(StrEnum):
    """Why a case goes to somebody else."""

    ABSENT = "absent"
    KNOWS_BETTER = "knows-better"
    LANGUAGE = "language"
    TOO_MUCH = "too-much"


# Working hours until the first answer; where money or an account may be lost right now, half a day.
HOURS = {
    Reason.FRAUD: 4,
    Reason.MAILBOX_GONE: 8,
    Reason.LETTER_MISSING: 8,
    Reason.CODE_FAILS: 16,
    Reason.OTHER: 24,
    Reason.CHILD: 24,
    Reason.DECEASED: 24,
    Reason.RESULT_DISPUTED: 40,
}


def listed(names: type[StrEnum]) -> str:
    """The names as a CHECK lists them."""
    return ", ".join(f"'{name}'" for name in names)
