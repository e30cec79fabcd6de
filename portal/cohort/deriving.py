"""Deriving: exports of customers and purchases become a customer list with answers, which explains itself."""

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from portal.cohort import checks
from portal.cohort.checks import any_of
from portal.cohort.engine import Engine, QueryFailed
from portal.cohort.exports import Export, ExportRefused
from portal.cohort.inquiry import Inquiry
from portal.cohort.rules import Rules
from portal.cohort.sql import word
from portal.cohort.tally import Tally
from portal.incident.file import Incident

SAMPLE = 3


@dataclass(frozen=True)
class Matched:
    """How many accounts a rule decided, and the references of some; rule 0 is the last word."""

    rule: int
    accounts: int
    sample: tuple[str, ...]


@dataclass(frozen=True)
class Explanation:
    """What went in, and what became of it; `strangers` are buyers whom no customer's reference names."""

    customers: int
    purchases: int
    matched: tuple[Matched, ...]
    tally: Tally
    strangers: int
    their_purchases: int
    sample: tuple[str, ...]


def derive(
    incident: Incident, customers: Sequence[str], purchases: Sequence[str], to: Path | None = None
) -> Explanation:
    """Judge every account of the exports, and write the list if told where to, whole or not at all.

    Raises NoPurchases, ExportRefused, QueryFailed without room for it, or OSError if the list cannot be put there.
    """
    if to and to.exists():
        raise FileExistsError
    # Readable by us alone, and gone afterwards: what is spilled or half written holds customers.
    with (
        TemporaryDirectory(prefix=".derive-", dir=to.parent if to else None) as own,
        closing(Derivation(incident, customers, purchases, Path(own))) as derivation,
    ):
        found = derivation.run()
        if to:
            derivation.write(written := Path(own) / "list.csv")
            written.chmod(0o600)
            to.hardlink_to(written)  # unlike a new name, it never replaces what came there meanwhile
    return found


class Derivation:
    """One run of the rules over exports, in memory, spilling into a folder where that is too small."""

    def __init__(self, incident: Incident, customers: Sequence[str], purchases: Sequence[str], spill: Path) -> None:
        """Raises NoPurchases or ExportRefused."""
        self.rules = Rules(incident)
        self.customers = Export(customers, self.rules.columns)
        self.purchases = Export(purchases, self.rules.purchases.columns)
        self.engine = Engine(spill, str(self.rules.purchases.zone))

    def run(self) -> Explanation:
        """Read everything and judge every account; raises ExportRefused with all that is wrong, or QueryFailed."""
        customers, purchases = self.customers.relation(self.engine), self.purchases.relation(self.engine)
        try:
            self._judge(customers, purchases)
            sound = not (self._any_faults() or self.customers.is_cut_off() or self.purchases.is_cut_off())
        except QueryFailed:
            sound = False
        if not sound:
            faults = Inquiry(self.engine, self.rules).faults(self.customers, self.purchases)
            raise ExportRefused(faults) if faults else QueryFailed
        return self._explanation()

    def close(self) -> None:
        """Forget everything."""
        self.engine.close()

    def write(self, path: Path) -> None:
        """Write the list that `flask cohort load` takes, with the columns of the mapping; raises QueryFailed."""
        self.engine.ask(f"COPY ({self.rules.customer_list()}) TO {word(str(path))} (FORMAT csv, HEADER)")

    def _judge(self, customers: str, purchases: str) -> None:
        """Read each file once; whatever is wrong is only noted on the way, and buyers of no account are kept."""
        rules, of_deeds = self.rules, any_of(checks.of_deeds(self.rules))
        whole = self.purchases.is_whole(self.engine, rules.purchases.customer)
        matches = rules.matches(f", COUNT(*) AS deeds, BOOL_OR({of_deeds}) AS faulty")
        stranger = ", CASE WHEN account_reference IS NULL THEN matches.buyer END AS account_stranger"
        for made, query in (
            ("VIEW customers", customers),
            ("VIEW purchases", purchases),
            ("VIEW deeds", rules.deeds(checks.WHEN, whole=whole)),
            ("TABLE matches", f"SELECT * REPLACE (CAST(buyer AS VARCHAR) AS buyer) FROM ({matches})"),
            ("VIEW accounts", rules.accounts()),
            ("TABLE everybody", rules.judgement("FULL", f"{stranger}, matches.deeds AS account_deeds")),
            ("VIEW judgement", "SELECT * FROM everybody WHERE account_stranger IS NULL"),
        ):
            self.engine.ask(f"CREATE TEMP {made} AS {query}")

    def _any_faults(self) -> bool:
        # There are few countries and brands; and no reference comes before every other.
        ((faulty,),) = self.engine.ask(
            f"SELECT BOOL_OR({any_of(checks.of_accounts(self.rules))}) FROM (SELECT account_brand, account_country,"
            " MIN(account_reference) AS account_reference FROM judgement GROUP BY ALL)"
        )
        ((twice,),) = self.engine.ask(  # NULL where there is no account at all, as below
            "SELECT BOOL_OR(twice) FROM (SELECT COUNT(*) > COUNT(DISTINCT account_reference) AS twice"
            " FROM judgement GROUP BY account_brand)"
        )
        ((deeds,),) = self.engine.ask("SELECT BOOL_OR(faulty) FROM matches")
        return any(found is not False for found in (faulty, twice, deeds))

    def _explanation(self) -> Explanation:
        matched = self.engine.ask(
            f"SELECT account_rule, COUNT(*), MIN(account_reference, {SAMPLE}) FROM judgement GROUP BY ALL ORDER BY ALL"
        )
        ((strangers, theirs, sample),) = self.engine.ask(
            f"SELECT COUNT(DISTINCT account_stranger), COALESCE(SUM(account_deeds), 0), MIN(account_stranger, {SAMPLE})"
            " FROM everybody WHERE account_stranger IS NOT NULL"
        )
        ((purchases,),) = self.engine.ask("SELECT SUM(deeds) FROM matches")
        tally = self._tally()
        decided = tuple(Matched(rule, accounts, tuple(some)) for rule, accounts, some in matched)
        return Explanation(tally.accounts, int(purchases), decided, tally, strangers, int(theirs), tuple(sample or ()))

    def _tally(self) -> Tally:
        tally, answers = Tally(), (self.rules.incident.otherwise, *self.rules.incident.rules)
        for brand, country, rule, accounts in self.engine.ask(
            "SELECT account_brand, account_country, account_rule, COUNT(*) FROM judgement GROUP BY ALL"
        ):
            answer = answers[rule]
            tally.add(brand, country, answer.result, ",".join(answer.categories), accounts)
        return tally
