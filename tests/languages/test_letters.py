"""Every letter says nothing that a translator has not seen, whatever it is filled with."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from jinja2 import ChainableUndefined

from portal.config import ROOT
from portal.languages import files, language_of
from portal.mail import rendering
from portal.mail.message import Sender
from tests.languages.brackets import Bracketed, Spoken, outside
from tests.requirements import requirement

FOLDER = ROOT / "templates" / "mail"
SENDER = Sender("", "", "", "", "", "")
LETTERS = sorted(folder.name for folder in FOLDER.iterdir() if folder.name != "parts")
LANGUAGES = [language_of(path) for path in files()]


class Blank(ChainableUndefined):
    """Any value of a letter: a text of no words, which is there or not, as the test wants it."""

    there = True

    def __bool__(self) -> bool:
        return self.there

    def __call__(self, *_words: Any, **_more: Any) -> "Blank":
        return self

    def __iter__(self) -> Iterator["Blank"]:
        return iter([self] if self.there else [])


class Missing(Blank):
    """A value that is not there."""

    there = False


@requirement("USE-04")
@pytest.mark.parametrize("blank", [Blank, Missing])
@pytest.mark.parametrize("part", ["subject.txt", "body.txt", "body.html"])
@pytest.mark.parametrize("letter", LETTERS)
@pytest.mark.parametrize("locale", LANGUAGES)
def test_every_part_of_a_letter_is_translated_whole(
    bracketed: Callable[[str], Bracketed], locale: str, letter: str, part: str, blank: type[Blank]
) -> None:
    environment = rendering._environment(locale).overlay(undefined=blank)
    said = environment.get_template(f"{letter}/{part}").render(locale=locale)
    texts = Spoken(said).texts if part.endswith(".html") else [said]
    assert "⟦" in said
    assert outside(texts, ()) == []


@requirement("USE-04")
def test_a_letter_runs_the_way_its_language_is_written() -> None:
    values = {"personal": {"asked": ""}, "sender": SENDER, "portal": ""}
    assert 'lang="ar" dir="rtl"' in rendering.render("unknown", "ar", **values).html
    assert 'lang="nl" dir="ltr"' in rendering.render("unknown", "nl", **values).html
