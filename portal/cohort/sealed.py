"""Sealed: a piece of a list made ready for the database, with nothing readable in it but what is stored so."""

from collections import defaultdict
from dataclasses import dataclass, field

from portal.cohort.entries import Answer, Kind
from portal.cohort.spool import Row, digest_of, opened
from portal.identity.customers import ADDRESS, ADDRESS_INDEX, REFERENCE, REFERENCE_INDEX
from portal.pouring import Poured, shape_for
from portal.sealing import KeyRing
from portal.tokens import fresh_id

FLAGS = ("guest", "social", "minor", "deceased")
CUSTOMER = (
    "id", "brand", "key_id", "ref_index", "ref_sealed", "email_index", "email_sealed", "epoch", "locale", "country",
    *FLAGS, "from_revision",
)  # fmt: skip
EXPOSURE = ("customer_id", "from_revision", "result", "categories")

Place = tuple[int, bytes]  # which account of the piece, and the index of its address


@dataclass(frozen=True)
class Sealed:
    """Rows for accounts that turn out to be new, the answers of all, and by which names we may know them already.

    `names` are indexes of references by brand and key, each with its place; none where nobody can be known.
    """

    customers: list[Poured] = field(default_factory=list)
    exposures: list[Poured] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    names: dict[tuple[str, int], dict[bytes, Place]] = field(default_factory=lambda: defaultdict(dict))

    def part(self, begin: int, end: int) -> "Sealed":
        """What it says of those accounts alone."""
        if begin == 0 and end >= len(self.answers):
            return self
        names = {
            known: {name: (place - begin, home) for name, (place, home) in places.items() if begin <= place < end}
            for known, places in self.names.items()
        }
        return Sealed(self.customers[begin:end], self.exposures[begin:end], self.answers[begin:end], names)


@dataclass(frozen=True)
class Sealing:
    """Seals the sheets of one list for one draft, in whichever process; where it is the `first`, nobody is known."""

    keys: KeyRing
    number: int
    is_sqlite: bool
    first: bool
    kinds: dict[bytes, Kind]

    def __call__(self, sheet: list[Row]) -> Sealed:
        """The sheet sealed, and indexed under every key that one may be known by."""
        sealed, shaped = Sealed(), shape_for(is_sqlite=self.is_sqlite)
        tails = {digest: self._tail(self.kinds[digest]) for digest in set(map(digest_of, sheet))}
        for row in sheet:
            kind, account = self.kinds[digest := digest_of(row)], fresh_id()
            current, reference, stored, canonical = opened(row)
            for key_id in (self.keys.current,) if self.first else self.keys.masters:
                mine = key_id == self.keys.current
                name = current if mine else self.keys.mac(REFERENCE_INDEX, kind.brand, reference, key_id=key_id)
                home = self.keys.mac(ADDRESS_INDEX, canonical, key_id=key_id)
                if not self.first:
                    sealed.names[kind.brand, key_id][name] = (len(sealed.answers), home)
                if mine:
                    named = (name, self.keys.seal(REFERENCE, account, reference))
                    mailed = (home, self.keys.seal(ADDRESS, account, stored))
                    sealed.customers.append(shaped((account, kind.brand, key_id, *named, *mailed, *tails[digest])))
            sealed.exposures.append(shaped((account, self.number, *kind.answer)))
            sealed.answers.append(kind.answer)
        return sealed

    def _tail(self, kind: Kind) -> tuple[object, ...]:
        return (1, kind.locale, kind.country, *(flag in kind.flags for flag in FLAGS), self.number)
