"""Evidence: what can show that a customer without mailbox is who they say, and what the breach gave away (STF-07)."""

from enum import StrEnum

from portal.incident.section import Categories, Section


class Evidence(StrEnum):
    """A kind of evidence; only that it was seen is kept, never what it said."""

    POSTED_LETTER = "posted_letter"
    ORDER_NUMBER = "order_number"
    PAST_EVENTS = "past_events"
    IDENTITY_SEEN = "identity_seen"
    CALL_BACK = "call_back"
    HOME_ADDRESS = "home_address"
    CARD_DIGITS = "card_digits"


class GivenAway(Section):
    """For each kind the exposed categories that give it away; an empty list says that none does.

    A kind that is not named cannot be chosen: nobody has thought about it yet.
    """

    posted_letter: Categories | None = None
    order_number: Categories | None = None
    past_events: Categories | None = None
    identity_seen: Categories | None = None
    call_back: Categories | None = None
    home_address: Categories | None = None
    card_digits: Categories | None = None

    def good(self) -> tuple[Evidence, ...]:
        """The kinds that a thief of the data cannot show."""
        return tuple(kind for kind in Evidence if getattr(self, kind.value) == ())
