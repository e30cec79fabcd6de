"""The incident file: read whole with its words, or refused whole with every fault."""

import json
from collections.abc import Collection
from datetime import datetime, time, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from pydantic import InstanceOf, ValidationError

from portal.incident.advice import Counsel, counsel_for
from portal.incident.brands import Brand
from portal.incident.faults import Fault, IncidentFaults, from_pydantic, parse
from portal.incident.folder import FILE, read_file, read_languages
from portal.incident.known import Known, gather
from portal.incident.rules import Answer, first_answer
from portal.incident.sheet import Sheet
from portal.incident.words import Words, read_words


class Incident(Sheet):
    """An incident and its words; `content` is canonical JSON of all its files, `digest` the SHA-256 of that."""

    content: str
    languages: dict[str, InstanceOf[Words]]

    @property
    def digest(self) -> str:
        """64 hexadecimal digits that change with any word of any file."""
        return sha256(self.content.encode()).hexdigest()

    def brand(self, brand_id: str) -> Brand:
        """The brand of this id; raises LookupError."""
        return self._first(brand for brand in self.brands if brand.id == brand_id)

    def brand_of(self, origin: str) -> Brand:
        """The brand that lives at this origin, the first of several; raises LookupError."""
        return self._first(brand for brand in self.brands if brand.origin == origin)

    def words(self, locale: str) -> Words:
        """The words in this language, or in the first one."""
        return self.languages.get(locale) or self.languages[self.locales[0]]

    def advice_for(self, categories: Collection[str]) -> Counsel:
        """What follows from these exposed categories."""
        return counsel_for(self.consequences, self.advice, categories)

    def is_published(self, now: datetime) -> bool:
        """Whether customers may see the pages."""
        return now >= self.dates.published

    @property
    def password_cut_off(self) -> datetime:
        """Passwords changed from this moment on are safe: the day after the last one in question."""
        return datetime.combine(self.dates.occurred_until + timedelta(days=1), time.min, self.zone)

    def with_origin(self, origin: str) -> "Incident":
        """The same incident with every brand at one origin."""
        brands = tuple(brand.model_copy(update={"origin": origin}) for brand in self.brands)
        return self.model_copy(update={"brands": brands})

    @staticmethod
    def _first(brands: Any) -> Brand:
        found = next(brands, None)
        if not isinstance(found, Brand):
            raise LookupError("no such brand")
        return found


def answer_for(incident: Incident, *, brand: str, country: str | None) -> Answer:
    """What the rules say to an account of this brand and country, if no list says it."""
    return first_answer(incident.rules, incident.otherwise, brand, country)


def read(path: Path) -> Incident:
    """The incident of a file, or of the folder around it; raises IncidentFaults with every fault."""
    path = path / FILE if path.is_dir() else path
    faults: list[Fault] = []
    text = read_file(path, path.name, faults)
    raw = (parse(path.name, text, faults) if not faults else None) or {}
    known = gather(raw)
    sheet = _sheet(path.name, text, raw, known, faults) if not faults else None
    languages = read_languages(path.parent, known.names("locales"), faults)
    words = {locale: read_words(locale, files, known, faults) for locale, files in languages.items()}
    if faults or sheet is None:
        raise IncidentFaults(faults)
    content = json.dumps({FILE: text, **languages}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return Incident(**dict(sheet), content=content, languages={code: said for code, said in words.items() if said})


def _sheet(file: str, text: str, raw: dict[str, Any], known: Known, faults: list[Fault]) -> Sheet | None:
    for kind, name in known.repeated():
        faults.append(Fault(file, kind, f"“{name}” is given twice", "Remove or rename one."))
    try:
        return Sheet.model_validate(raw, context=known)
    except ValidationError as error:
        faults.extend(from_pydantic(file, text, error))
        return None
