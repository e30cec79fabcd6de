"""The ledger of every limit, in words; web limits are Flask-Limiter's, the others are counted over our own rows."""

from dataclasses import dataclass

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@dataclass(frozen=True)
class Limit:
    """So many of something in so many seconds."""

    what: str
    amount: int
    per: int

    def __str__(self) -> str:
        """As Flask-Limiter reads it."""
        return f"{self.amount} per {self.per} second"

    @property
    def without_counter(self) -> "Limit":
        """What one process lets through while the counter that all share is away: half (OPS-03)."""
        return Limit(self.what, max(1, self.amount // 2), self.per)


REQUESTS_PER_HOST = Limit("requests from one address or IPv6 /64", 120, MINUTE)
PROOFS_PER_HOST = Limit("proofs from one address or IPv6 /64", 30, MINUTE)
PASSWORDS_PER_VISIT = Limit("new passwords tried in one visit", 5, 10 * MINUTE)
REVEALS = Limit("showings of a monitoring code to one person", 20, HOUR)
PASSKEYS_PER_HOST = Limit("passkeys and invitations shown from one address or IPv6 /64", 30, MINUTE)
CASES_PER_HOST = Limit("cases from one address or IPv6 /64", 30, HOUR)
RETURNS_PER_HOST = Limit("case numbers and phrases from one address or IPv6 /64", 30, MINUTE)
QUESTIONS_PER_KEY = Limit("requests to the gate with one key", 60_000, MINUTE)
COHORTS_PER_KEY = Limit("downloads of the cohort file with one key", 120, HOUR)
STRANGERS_PER_HOST = Limit("requests to the gate without a good key, from one address or IPv6 /64", 30, MINUTE)
REPORTS_PER_HOST = Limit("browser reports from one address or IPv6 /64", 20, MINUTE)
REHEARSALS_PER_HOST = Limit("rehearsal keys from one address or IPv6 /64", 5, MINUTE)

LINKS_PER_MAILBOX = (
    Limit("links for one mailbox in a minute", 1, MINUTE),
    Limit("links for one mailbox in an hour", 4, HOUR),
    Limit("links for one mailbox in a day", 8, DAY),
)
LINKS_FOR_NEW_NETWORKS = Limit("links for one mailbox from networks new to it, on top", 4, DAY)
UNKNOWN_PER_MAILBOX = Limit("letters to one mailbox without an account", 1, DAY)
UNKNOWN_PER_HOST = Limit("letters to unknown mailboxes, asked for from one address or IPv6 /64", 20, HOUR)
UNKNOWN_PER_NETWORK = Limit("letters to unknown mailboxes, asked for from one IPv4 /24 or IPv6 /48", 200, HOUR)
CASES_PER_MAILBOX = Limit("cases with one mailbox, proven and claimed ones apart", 3, DAY)
MESSAGES_PER_CASE = Limit("messages of the customer in one case", 20, DAY)
PHRASES_PER_CASE = Limit("wrong phrases for one case, which then rests for an hour", 10, HOUR)
WORDS_PER_ADDRESS = Limit("four words for one address", 5, HOUR)
CHANGES_PER_MEMBER = Limit("changes of address that one member proposes before the officers hear of it", 5, DAY)
CHANGES_PER_NETWORK = Limit("changes of address proposed from one network before the officers hear of it", 15, DAY)
CODE_TRIES = 5  # wrong codes for one letter; then its link still works
MEMBER_CODE_TRIES = 10  # wrong codes of a member's app; then an invitation is needed
LETTER_ATTEMPTS = 5
SEARCHES_PER_MEMBER = (
    Limit("searches for a customer by one member in an hour", 60, HOUR),
    Limit("searches for a customer by one member in a day", 200, DAY),
)
UNMASKINGS_PER_MEMBER = Limit("masked fields of customers that one member uncovers", 20, HOUR)
