"""Blocks: what a page says about one account, as plain values for a template."""

from dataclasses import dataclass
from datetime import date, datetime

from portal.cohort.result import AccountAnswer, Said
from portal.incident.advice import Counsel
from portal.incident.file import Incident
from portal.incident.rules import AFFECTED, UNDER_REVIEW, UNKNOWN
from portal.incident.words import AdviceWords

OPEN = (UNKNOWN, UNDER_REVIEW)
NOTHING = Counsel(consequences=(), do=(), need_not_do=())


@dataclass(frozen=True)
class Task:
    """One thing to do, and how long it takes."""

    words: AdviceWords
    minutes: int | None


@dataclass(frozen=True)
class Block:
    """One account: its result and everything that follows from it, in words."""

    brand: str
    result: str
    fields: tuple[str, ...]
    revision: int
    stated_at: datetime
    consequences: tuple[str, ...]
    tasks: tuple[Task, ...]
    need_not: tuple[AdviceWords, ...]
    changed: bool
    before: str | None
    added: tuple[str, ...]
    removed: tuple[str, ...]
    next_update: date | None
    disputed: bool


def block(incident: Incident, locale: str, answer: AccountAnswer) -> Block:
    """What to say about an account's answer in this language."""
    short = incident.words(locale).short
    counsel = _counsel(incident, answer)
    before: Said | None = answer.before

    def named(categories: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(short.categories.get(category, category) for category in categories)

    return Block(
        brand=incident.brand(answer.customer.brand).name,
        result=answer.result,
        fields=named(answer.categories),
        revision=answer.since,
        stated_at=answer.now.at,
        consequences=tuple(short.consequences[one.id] for one in counsel.consequences),
        tasks=tuple(Task(short.advice[one.id], one.minutes) for one in counsel.do),
        need_not=tuple(short.advice[one.id] for one in counsel.need_not_do),
        changed=before is not None and not answer.disputed,
        before=before.result if before else None,
        added=named(answer.added),
        removed=named(answer.removed),
        next_update=incident.dates.next_update,
        disputed=answer.disputed,
    )


def _counsel(incident: Incident, answer: AccountAnswer) -> Counsel:
    if answer.disputed and answer.before and answer.before.result == AFFECTED:
        # Whoever says that more was copied, or less, is made safe meanwhile.
        return incident.advice_for(answer.before.categories).model_copy(update={"consequences": (), "need_not_do": ()})
    # While we do not know what was copied, nothing may be called safe.
    return NOTHING if answer.result in OPEN else incident.advice_for(answer.categories)
