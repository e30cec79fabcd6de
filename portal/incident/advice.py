"""Advice: what follows from a combination of exposed categories, what to do, and what not to."""

from collections.abc import Collection, Iterable
from typing import Literal, Self

from pydantic import Field, model_validator

from portal.incident.section import Categories, Id, Section, wrong

AT_MOST = 3  # more things to do than this, and people do none of them


class Combination(Section):
    """Something that holds for some combinations of categories, or for everybody if it names none."""

    id: Id
    all_of: Categories = ()
    any_of: Categories = ()
    none_of: Categories = ()

    def holds(self, categories: Collection[str]) -> bool:
        """Whether it holds for an account with these categories exposed."""
        some = not self.any_of or any(category in categories for category in self.any_of)
        every = all(category in categories for category in self.all_of)
        return every and some and not any(category in categories for category in self.none_of)


class Consequence(Combination):
    """What somebody could do with this combination."""


class Advice(Combination):
    """A thing to do, with the minutes it takes, or a thing that need not be done; low priorities come first."""

    kind: Literal["do", "need-not-do"]
    minutes: int | None = Field(default=None, ge=1, le=240)
    priority: int = 100

    @model_validator(mode="after")
    def _says_how_long(self) -> Self:
        if (self.kind == "do") != (self.minutes is not None):
            raise wrong("minutes belong to every “do”, and to nothing else", "Add or remove minutes")
        return self


class Counsel(Section):
    """All that follows for one account."""

    consequences: tuple[Consequence, ...]
    do: tuple[Advice, ...]
    need_not_do: tuple[Advice, ...]


def counsel_for(consequences: Iterable[Consequence], advice: Iterable[Advice], categories: Collection[str]) -> Counsel:
    """What follows from these categories; at most three things to do."""
    fitting = sorted((one for one in advice if one.holds(categories)), key=lambda one: one.priority)
    return Counsel(
        consequences=tuple(one for one in consequences if one.holds(categories)),
        do=tuple(one for one in fitting if one.kind == "do")[:AT_MOST],
        need_not_do=tuple(one for one in fitting if one.kind == "need-not-do"),
    )
