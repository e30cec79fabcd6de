"""Rules: the incident's rules over customers and purchases as SQL, for our own engine and the company's warehouse."""

from collections.abc import Iterator
from importlib import import_module

from portal.cohort.sql import among, both, cell, meaning, moment, name, word
from portal.incident.file import Incident
from portal.incident.purchases import Purchases
from portal.incident.rules import Rule

WAREHOUSES = ("spark", "bigquery", "snowflake", "postgres")
OTHERWISE = 0  # the number of the last word; rules are numbered from one, as they stand in the incident file


class NoPurchases(Exception):
    """The incident file does not say what purchases are, or where a list holds the answer."""


class Rules:
    """The SQL of one incident; its relations are `customers` and `purchases`."""

    def __init__(self, incident: Incident) -> None:
        if not incident.purchases or not incident.mapping.result or not incident.mapping.categories:
            raise NoPurchases
        self.incident = incident
        self.mapping = incident.mapping
        self.purchases: Purchases = incident.purchases
        self.answers = {incident.mapping.result, incident.mapping.categories}
        self.columns = tuple(column for column in self.mapping.columns if column not in self.answers)

    def accounts(self, also: str = "") -> str:
        """Every customer with reference, brand and country as the incident names them, and the columns of the list."""
        kept = ", ".join(map(name, self.columns))
        return (
            f"SELECT {cell(self.mapping.reference)} AS account_reference,"
            f" {meaning(self.mapping.brand, self.mapping.values.brand, self.mapping.default_brand)} AS account_brand,"
            f" {meaning(self.mapping.country, self.mapping.values.country)} AS account_country, {kept}{also}"
            " FROM customers"
        )

    def deeds(self, when: str = "CAST({} AS TIMESTAMP)", *, whole: bool = False) -> str:
        """Every purchase: whose, when, and what; `when` reads the column of moments, `whole` numbers stay numbers."""
        held, values = self.purchases, self.purchases.values
        buyer = name(held.customer) if whole else f"NULLIF({cell(held.customer)}, '')"
        return (
            f"SELECT {buyer} AS buyer, {when.format(name(held.moment))} AS moment,"
            f" {meaning(held.brand, values.brand)} AS deed_brand,"
            f" {meaning(held.platform, values.platform)} AS platform, {self._did()} AS did FROM purchases"
        )

    def matches(self, also: str = "") -> str:
        """Every buyer with the rules whose purchases they have."""
        whose = "buyer, deed_brand" if self.purchases.brand else "buyer"
        marks = "".join(f", BOOL_OR({both(self._of_deed(rule))}) AS rule_{number}" for number, rule in self._asking())
        return f"SELECT {whose}{marks}{also} FROM deeds GROUP BY {whose}"

    def judgement(self, join: str = "LEFT", also: str = "") -> str:
        """Every account with the number of the first rule that holds; by a FULL join also who bought without one."""
        cases = "".join(
            f" WHEN {both(self._of_account(rule, number))} THEN {number}"
            for number, rule in enumerate(self.incident.rules, 1)
        )
        return (
            f"SELECT accounts.*, CASE{cases} ELSE {OTHERWISE} END AS account_rule{also}"
            f" FROM accounts {join} JOIN matches ON {self.same_account()}"
        )

    def same_account(self) -> str:
        """The condition that a buyer is an account."""
        same = ["matches.buyer = accounts.account_reference"]
        return both([*same, *["matches.deed_brand = accounts.account_brand"] * bool(self.purchases.brand)])

    def customer_list(self) -> str:
        """The list that `flask cohort load` takes."""
        cells = (self._answer(column) if column in self.answers else name(column) for column in self.mapping.columns)
        return f"SELECT {', '.join(cells)} FROM judgement"

    def for_warehouse(self, dialect: str) -> str:
        """All of it as one statement in another dialect, one of WAREHOUSES."""
        parts = {
            "accounts": self.accounts(),
            "deeds": self.deeds(),
            "matches": self.matches(),
            "judgement": self.judgement(),
        }
        steps = ", ".join(f"{part} AS ({query})" for part, query in parts.items())
        # By name, so that the pages never load it.
        printed: list[str] = import_module("sqlglot").transpile(
            f"WITH {steps} {self.customer_list()}", read="duckdb", write=dialect, pretty=True
        )
        return printed[0]

    def _did(self) -> str:
        return meaning(self.purchases.state, self.purchases.values.state) if self.purchases.state else word("bought")

    def _asking(self) -> Iterator[tuple[int, Rule]]:
        numbered = enumerate(self.incident.rules, 1)
        return ((number, rule) for number, rule in numbered if rule.asks_for_purchases)

    def _of_deed(self, rule: Rule) -> Iterator[str]:
        yield from among("did", rule.did or ("bought", "tried"))
        yield from among("platform", rule.platform, rule.not_platform)
        if rule.since:
            yield f"moment >= {moment(rule.since, self.purchases.zone)}"
        if rule.before:
            yield f"moment < {moment(rule.before, self.purchases.zone)}"

    def _of_account(self, rule: Rule, number: int) -> Iterator[str]:
        yield from among("account_country", rule.country, rule.not_country)
        yield from among("account_brand", rule.brand, rule.not_brand)
        if rule.asks_for_purchases:
            yield f"rule_{number}"

    def _answer(self, column: str) -> str:
        is_result = column == self.mapping.result
        cases = "".join(
            f" WHEN {number} THEN {word(one.result if is_result else self.mapping.separator.join(one.categories))}"
            for number, one in enumerate((self.incident.otherwise, *self.incident.rules))
        )
        return f"CASE account_rule{cases} END AS {name(column)}"
