"""An entry: what one row of a customer list says about one account, in the words of the incident file."""

from typing import NamedTuple, get_args

from portal.cohort.lists import Row
from portal.identity import addresses
from portal.identity.addresses import Address, AddressRefused
from portal.incident.countries import is_country
from portal.incident.file import Incident, answer_for
from portal.incident.rules import AFFECTED, Result

LONGEST_REFERENCE = 200
MOST_KINDS = 4_096  # remembered; a list of a million rows has some thousand


class EntryRefused(Exception):
    """A row that says something that the incident does not know; holds every reason."""

    def __init__(self, reasons: list[str]) -> None:
        self.reasons = reasons
        super().__init__("; ".join(reasons))


class Answer(NamedTuple):
    """What an account is to be told; the categories sorted and joined by commas, as they are kept."""

    result: str
    categories: str


class Kind(NamedTuple):
    """What a row says besides whose it is: many rows of a list say the same."""

    brand: str
    country: str | None
    locale: str | None
    flags: frozenset[str]
    answer: Answer


class Entry(NamedTuple):
    """One account, and what it is to be told."""

    kind: Kind
    reference: str
    address: Address


class EntryReader:
    """Reads the rows of a list through the mapping of one incident."""

    def __init__(self, incident: Incident) -> None:
        self._incident = incident
        self._mapping = incident.mapping
        self._brands = {brand.id for brand in incident.brands}
        self._categories = {category.id for category in incident.categories}
        self._reasons: list[str] = []
        self._columns = incident.mapping.telling
        self._kinds: dict[tuple[str, ...], Kind] = {}

    def read(self, row: Row) -> Entry:
        """The entry of a row; raises EntryRefused with every reason at once."""
        self._reasons = []
        kind, reference, address = self._kind(row), self._reference(row), self._address(row)
        if self._reasons or address is None:
            raise EntryRefused(self._reasons)
        return Entry(kind, reference, address)

    def _kind(self, row: Row) -> Kind:
        """What these cells said before; only what is sound is remembered."""
        cells = tuple(map(row.__getitem__, self._columns))
        if known := self._kinds.get(cells):
            return known
        brand, country = self._brand(row), self._country(row)
        kind = Kind(brand, country, self._locale(row), self._flags(row), self._answer(row, brand, country))
        if not self._reasons:
            if len(self._kinds) == MOST_KINDS:
                self._kinds.clear()
            self._kinds[cells] = kind
        return kind

    def _refuse(self, reason: str) -> None:
        self._reasons.append(reason)

    def _brand(self, row: Row) -> str:
        mapping = self._mapping
        cell = mapping.meaning("brand", row[mapping.brand]) if mapping.brand else ""
        brand = cell or mapping.default_brand or ""
        if brand not in self._brands:
            self._refuse("an unknown brand" if brand else "no brand")
        return brand

    def _country(self, row: Row) -> str | None:
        if not self._mapping.country:
            return None
        country = self._mapping.meaning("country", row[self._mapping.country])
        if country and not is_country(country):
            self._refuse("an unknown country")
        return country or None

    def _reference(self, row: Row) -> str:
        reference = row[self._mapping.reference].strip()
        if not reference:
            self._refuse("no reference")
        if len(reference) > LONGEST_REFERENCE or not reference.isprintable():
            self._refuse("a reference that is too long or holds control signs")
        return reference

    def _address(self, row: Row) -> Address | None:
        try:
            return addresses.read(row[self._mapping.address])
        except AddressRefused as error:
            self._refuse(f"a bad address: {error}")
            return None

    def _locale(self, row: Row) -> str | None:
        """A language that we do not speak is no fault: such a customer is written to in the first one."""
        if not self._mapping.locale:
            return None
        locale = self._mapping.meaning("locale", row[self._mapping.locale])
        return locale if locale in self._incident.locales else None

    def _flags(self, row: Row) -> frozenset[str]:
        said = {flag: self._mapping.flag(row[column]) for flag, column in self._mapping.flags.items()}
        for flag, yes in said.items():
            if yes is None:
                self._refuse(f"neither yes nor no under “{flag}”")
        return frozenset(flag for flag, yes in said.items() if yes)

    def _answer(self, row: Row, brand: str, country: str | None) -> Answer:
        """The list's own answer; where it is silent, the incident's rules speak."""
        categories = self._named_categories(row)
        if self._mapping.result:
            result = self._mapping.meaning("result", row[self._mapping.result])
            return self._checked(result, categories)
        if categories:
            return Answer(AFFECTED, ",".join(categories))
        ruled = answer_for(self._incident, brand=brand, country=country)
        return Answer(ruled.result, ",".join(sorted(ruled.categories)))

    def _named_categories(self, row: Row) -> list[str]:
        if not self._mapping.categories:
            return []
        parts = (part.strip() for part in row[self._mapping.categories].split(self._mapping.separator))
        named = {self._mapping.meaning("categories", part) for part in parts if part}
        if named - self._categories:
            self._refuse("an unknown category")
        return sorted(named)

    def _checked(self, result: str, categories: list[str]) -> Answer:
        if result not in get_args(Result):
            self._refuse("an unknown result" if result else "no result")
        elif (result == AFFECTED) != bool(categories):
            self._refuse("affected, but no category" if result == AFFECTED else "categories, but not affected")
        return Answer(result, ",".join(categories))
