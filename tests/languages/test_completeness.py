"""Each language is complete: nothing missing, unsure or outdated, with the placeholders of the English."""

from collections.abc import Callable
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from portal import languages
from portal.dev import translations
from portal.incident.file import Incident, read
from portal.languages import FILE, FOLDER, language_of
from tests.languages.brackets import strings
from tests.requirements import requirement
from tests.servers.ground import EXAMPLE

DUTCH = FOLDER / "nl" / FILE


@pytest.fixture(scope="session")
def wanted() -> Catalog:
    """Every string of the portal."""
    return translations.gathered()


@pytest.fixture
def broken(tmp_path: Path) -> Callable[[str, str], Path]:
    """A maker of Dutch files in which one text stands for another."""

    def make(old: str, new: str) -> Path:
        path = tmp_path / "nl" / FILE
        path.parent.mkdir(parents=True)
        text = DUTCH.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return path

    return make


@requirement("USE-04")
@pytest.mark.parametrize("path", languages.files(), ids=language_of)
def test_every_string_is_translated(path: Path, wanted: Catalog) -> None:
    assert list(translations.gaps(path, wanted)) == [], "say `flask dev translations`, then fill in what it names"


@pytest.mark.parametrize(
    ("old", "new", "gap"),
    [
        ('"Nog geen e-mail?"', '""', "untranslated: “No letter yet?” in templates/identity/link.html"),
        ('msgid "No letter yet?"', 'msgid "No mail yet?"', "missing: “No letter yet?” in templates/identity/link.html"),
        ('msgid "Show"', '#, fuzzy\nmsgid "Show"', "unsure: “Show” in templates/components/form.html"),
        ('msgid "Show"', 'msgid "Once"\nmsgstr "Ooit"\n\nmsgid "Show"', "outdated: “Once” in "),
        ('msgid "Show"', '#~ msgid "Once"\n#~ msgstr "Ooit"\n\nmsgid "Show"', "outdated: “Once” in "),
        ('"%(count)s minuten"', '"%(number)s minuten"', "other placeholders: “%(count)s minute” in "),
        ('"%(count)s minuten"', '""', "untranslated: “%(count)s minute” in templates/journey/block.html"),
    ],
)
def test_each_gap_is_named(broken: Callable[[str, str], Path], wanted: Catalog, old: str, new: str, gap: str) -> None:
    assert any(found.startswith(gap) for found in translations.gaps(broken(old, new), wanted))


@requirement("USE-04")
def test_the_example_is_told_in_other_words_in_each_of_its_languages() -> None:
    example = read(EXAMPLE)
    first, *others = example.locales
    assert others
    for locale in others:
        assert language_of(FOLDER / locale / FILE) in map(language_of, languages.files())
        assert _words(example, first) & _words(example, locale) == set()
        assert _shape(example, first) == _shape(example, locale)


def test_a_country_speaks_its_language_and_an_unknown_one_english() -> None:
    assert languages.translations("nl_BE").gettext("Help") == "Hulp"
    assert languages.translations("tlh").gettext("Help") == "Help"


def test_a_file_is_brought_up_to_date_without_guesses(broken: Callable[[str, str], Path], wanted: Catalog) -> None:
    path = broken('msgid "No letter yet?"', 'msgid "No letters yet?"')
    translations.bring_up_to_date(path, wanted)
    assert list(translations.gaps(path, wanted)) == ["untranslated: “No letter yet?” in templates/identity/link.html"]
    assert "No letters yet?" not in path.read_text(encoding="utf-8")


def test_another_language_begins_with_every_string_empty(tmp_path: Path, wanted: Catalog) -> None:
    path = tmp_path / "pl" / FILE
    translations.bring_up_to_date(path, wanted)
    assert len(list(translations.gaps(path, wanted))) == len(wanted)
    assert translations.held(path).num_plurals == 3


def _words(incident: Incident, locale: str) -> set[str]:
    held = dict(vars(incident.words(locale)))
    held.pop("locale")
    return {text for text in strings(held) if " " in text}


def _shape(incident: Incident, locale: str) -> object:
    said = incident.words(locale)
    texts = (said.what_happened, said.concerned, said.faq, said.real_messages)
    return [len(text.passages) for text in texts], [(update.slug, update.day) for update in said.updates]
