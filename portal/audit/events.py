"""The vocabulary of the trail: everything that is ever recorded."""

from enum import StrEnum


class Event(StrEnum):
    """What happened, as `noun:verb`."""

    LINK_DROPPED = "link:dropped"
    LINK_MINTED = "link:minted"
    LINK_SENT = "link:sent"
    LINK_UNDELIVERED = "link:undelivered"
    LINK_REVOKED = "link:revoked"
    LINK_RESTORED = "link:restored"
    PROOF_REFUSED = "proof:refused"
    VISIT_OPENED = "visit:opened"
    VISIT_RAISED = "visit:raised"
    VISIT_LEFT = "visit:left"
    RESULT_SHOWN = "result:shown"
    RESET_OWED = "reset:owed"
    RESET_NEEDLESS = "reset:needless"
    RESET_DONE = "reset:done"
    RESET_UNCERTAIN = "reset:uncertain"
    CODE_GRANTED = "code:granted"
    CODE_AWAITED = "code:awaited"
    CODE_REVEALED = "code:revealed"
    CODES_LOADED = "codes:loaded"
    CODES_LOW = "codes:low"
    UNKNOWN_ANSWERED = "unknown:answered"
    REVISION_DRAFTED = "revision:drafted"
    REVISION_COMMITTED = "revision:committed"
    REVISION_DISCARDED = "revision:discarded"
