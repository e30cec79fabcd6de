"""The incident file is read whole, or every fault is named."""

import shutil
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from portal.config import ROOT
from portal.incident.file import Incident, read
from tests.incident.folders import Copy
from tests.servers.ground import EXAMPLE

SHEET = "incident.toml"
WORDS = "en/words.toml"

# What is broken: the file, the words replaced, their replacement; then where the fault is said to be, and a part of it.
BROKEN = {
    "no TOML": (SHEET, 'zone = "Europe/London"', 'zone = "Europe', "line 6", "is not TOML"),
    "unknown key": (SHEET, "purge =", "purrge =", "line 8, purrge", "does not belong here"),
    "missing key": (SHEET, "purge =", "purrge =", "line 1, purge", "is missing"),
    "unknown zone": (SHEET, "Europe/London", "Europe/Atlantis", "line 6, zone", "is not a time zone"),
    "no date": (SHEET, "= 2020-12-31", '= "soon"', "line 8, purge", "is refused"),
    "dates in disorder": (SHEET, "2017-09-01", "2019-09-01", "line 10, dates", "occurred_until is before"),
    "early publication": (SHEET, "2018-06-28T09", "2018-06-20T09", "line 10, dates", "published is before discovered"),
    "plain origin": (SHEET, "https://incident.stage", "http://incident.stage", "brands[1].origin", "is not encrypted"),
    "origin with a path": (SHEET, 'origin = "https://', 'origin = "https://x/', "brands[1].origin", "not an origin"),
    "broken sender": (SHEET, "incident@seatswap.", "incident @seatswap.", "brands[3].sender", "is not spelled"),
    "sender on two lines": (SHEET, '"SeatSwap"\norigin', '"Seat\\nSwap"\norigin', "brands[3].name", "line break"),
    "id given twice": (SHEET, 'id = "ticketlane"', 'id = "seatswap"', "brands", "given twice"),
    "unknown category": (SHEET, 'any_of = ["payment_details"]', 'any_of = ["shoes"]', "consequences[1]", "not a cat"),
    "unknown country": (SHEET, '["CA", "US"]', '["CA", "USA"]', "rules[1].country[2]", "not a country code"),
    "rule for everybody": (SHEET, 'country = ["CA", "US"]\n', "", "rules[1]", "without a condition"),
    "affected by nothing": (SHEET, 'result = "NOT_AFFECTED"', 'result = "AFFECTED"', "rules[1]", "categories belong"),
    "unknown result": (SHEET, 'result = "NOT_AFFECTED"', 'result = "FINE"', "rules[1].result", "not one of the words"),
    "do without minutes": (SHEET, "minutes = 5\n", "", "advice[1]", "minutes belong to"),
    "brandless mapping": (SHEET, 'brand = "brand"\n', "", "mapping", "which brand"),
    "no otherwise": (SHEET, '[otherwise]\nresult = "UNKNOWN"', "", "otherwise", "is missing"),
    "no regulator": (SHEET, 'url = "https://authority', 'url = "http://authority', "regulator.url", "is not spelled"),
    "missing word": (WORDS, 'telephone = "Your', 'telefone = "Your', "categories.telephone", "has no words"),
    "needless word": (WORDS, 'telephone = "Your', 'telefone = "Your', "categories.telefone", "has words but"),
    "half advice": (WORDS, 'title = "Change your password"', "", "advice.change_password.title", "is missing"),
    "empty word": (WORDS, '"Your name"', '""', "categories.name", "is empty"),
    "unsafe link": ("en/faq.md", "(/help)", "(http://help.example)", "a link", "not one that a page may hold"),
    "address in a link": ("en/faq.md", "(/help)", "(mailto:a@mail.example)", "a link", "not one that a page may hold"),
    "second title": ("en/faq.md", "## Was", "# Was", "line 1", "has a title"),
    "untitled update": ("en/updates/2018-06-28-customers-told.md", "# What", "What", "line 1", "has no title"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_each_fault_is_named_with_its_place(copied: Copy, name: str) -> None:
    file, old, new, place, what = BROKEN[name]
    copied.change(file, old, new)
    found = [fault for fault in copied.faults() if fault.file == file and place in fault.place and what in fault.what]
    assert len(found) == 1, [str(fault) for fault in copied.faults()]
    assert found[0].remedy.endswith(".")


def test_all_faults_are_named_at_once(copied: Copy) -> None:
    copied.change(SHEET, "Europe/London", "Europe/Atlantis")
    copied.change(SHEET, '["CA", "US"]', '["USA"]')
    copied.change(SHEET, 'any_of = ["login_details"]', 'any_of = ["shoes"]')
    copied.change(WORDS, 'name = "Your name"', "")
    (copied.path / "en" / "faq.md").unlink()
    assert len(copied.faults()) == 5


def test_a_missing_language_is_a_fault(copied: Copy) -> None:
    copied.change(SHEET, '["en", "nl"]', '["en", "de"]')
    files = {fault.file for fault in copied.faults()}
    assert files == {
        f"de/{name}" for name in ("words.toml", "what-happened.md", "concerned.md", "faq.md", "real-messages.md")
    }


def test_a_file_that_is_not_text_is_a_fault(copied: Copy) -> None:
    (copied.path / "en" / "faq.md").write_bytes(b"## Fine\n\nCaf\xe9\n")
    assert ("en/faq.md", "line 3") in {(fault.file, fault.place) for fault in copied.faults()}


def test_a_misspelt_text_is_a_fault(copied: Copy) -> None:
    (copied.path / "en" / "faqs.md").write_text("Hello")
    (copied.path / "en" / "updates" / "2018-02-30-never.md").write_text("# Never")
    assert {fault.file for fault in copied.faults()} == {"en/faqs.md", "en/updates/2018-02-30-never.md"}


def test_an_absent_file_is_one_fault(tmp_path: Path) -> None:
    assert len(Copy.faults_of(tmp_path / "nowhere.toml")) == 1


def test_naive_moments_are_in_the_incidents_zone(example: Incident) -> None:
    assert example.dates.published == datetime(2018, 6, 28, 8, 0, tzinfo=UTC)


def test_the_pages_open_at_the_moment_of_publication(example: Incident) -> None:
    assert not example.is_published(datetime(2018, 6, 28, 7, 59, 59, tzinfo=UTC))
    assert example.is_published(datetime(2018, 6, 28, 8, 0, tzinfo=UTC))


def test_the_digest_changes_with_any_word(copied: Copy, example: Incident) -> None:
    assert read(copied.path).digest == example.digest
    copied.change("en/faq.md", "Yes.", "Yes!")
    assert read(copied.path).digest != example.digest


def test_the_digest_does_not_depend_on_how_lines_end(copied: Copy, example: Incident) -> None:
    text = (copied.path / SHEET).read_text()
    (copied.path / SHEET).write_bytes(text.replace("\n", "\r\n").encode())
    assert read(copied.path).digest == example.digest


def test_one_origin_may_stand_for_all_brands(example: Incident) -> None:
    moved = example.with_origin("http://localhost:8000")
    assert {brand.origin for brand in moved.brands} == {"http://localhost:8000"}
    assert moved.digest == example.digest
    assert moved.brand_of("http://localhost:8000").id == "stagelight-international"


def test_a_brand_is_found_by_id_and_by_origin(example: Incident) -> None:
    brand = example.brand("seatswap")
    assert example.brand_of(brand.origin) == brand
    with pytest.raises(LookupError):
        example.brand_of("https://elsewhere.example")


def test_updates_come_newest_first(copied: Copy) -> None:
    (copied.path / "en" / "updates" / "2018-07-05-more.md").write_text("# More\n\nText.\n")
    assert [update.day for update in read(copied.path).words("en").updates] == [date(2018, 7, 5), date(2018, 6, 28)]


def test_links_to_own_pages_carry_the_language_where_there_is_a_choice(copied: Copy) -> None:
    assert 'href="/help?lang=nl"' in read(copied.path).words("nl").faq.passages[5].body
    copied.change(SHEET, '["en", "nl"]', '["nl"]')
    assert 'href="/help"' in read(copied.path).words("nl").faq.passages[5].body


@pytest.mark.parametrize("folder", [EXAMPLE.parent, ROOT / "tests" / "data" / "chinook"])
def test_the_incidents_that_we_ship_can_be_used(folder: Path) -> None:
    assert read(folder).words("en").title


def test_a_language_that_nobody_can_write_dates_in_is_a_fault(copied: Copy) -> None:
    copied.change(SHEET, '["en", "nl"]', '["en", "nl", "tlh"]')
    shutil.copytree(copied.path / "nl", copied.path / "tlh")
    assert [fault.what for fault in copied.faults()] == ["“tlh” is not a language whose dates we can write"]
