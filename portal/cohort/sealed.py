"""Sealed: a piece of a list made ready for the database, with nothing readable in it but what is stored so."""

from collections import defaultdict
from dataclasses import dataclass, field
from uuid import UUID

from portal.cohort.entries import Answer, Entry
from portal.cohort.faults import Faults
from portal.cohort.lists import Columns, Piece
from portal.cohort.roster import ListChanged, entries
from portal.identity.customers import ADDRESS, ADDRESS_INDEX, REFERENCE, REFERENCE_INDEX
from portal.incident.file import Incident
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

    `names` are indexes of references by brand and key, each with its place.
    """

    customers: list[Poured] = field(default_factory=list)
    exposures: list[Poured] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    names: dict[tuple[str, int], dict[bytes, Place]] = field(default_factory=lambda: defaultdict(dict))


@dataclass(frozen=True)
class Sealing:
    """Seals the pieces of one list for one draft, in whichever process."""

    columns: Columns
    incident: Incident
    keys: KeyRing
    number: int
    is_sqlite: bool

    def __call__(self, piece: Piece) -> Sealed:
        """The piece, sealed; raises ListChanged where it is not sound any more."""
        faults, sealed, shaped = Faults(), Sealed(), shape_for(is_sqlite=self.is_sqlite)
        for _, entry in entries(self.columns, self.incident, piece, faults):
            account, answer = fresh_id(), entry.answer
            for key_id in self.keys.masters:
                name = self.keys.mac(REFERENCE_INDEX, entry.brand, entry.reference, key_id=key_id)
                home = self.keys.mac(ADDRESS_INDEX, entry.address.canonical, key_id=key_id)
                sealed.names[entry.brand, key_id][name] = (len(sealed.answers), home)
                if key_id == self.keys.current:
                    sealed.customers.append(shaped(self._row(account, entry, name, home)))
            sealed.exposures.append(shaped((account, self.number, answer.result, answer.categories)))
            sealed.answers.append(answer)
        if faults.total:
            raise ListChanged
        return sealed

    def _row(self, account: UUID, entry: Entry, name: bytes, home: bytes) -> tuple[object, ...]:
        reference = self.keys.seal(REFERENCE, account, entry.reference)
        address = self.keys.seal(ADDRESS, account, entry.address.stored)
        indexed = (account, entry.brand, self.keys.current, name, reference, home, address)
        flags = (flag in entry.flags for flag in FLAGS)
        return (*indexed, 1, entry.locale, entry.country, *flags, self.number)
