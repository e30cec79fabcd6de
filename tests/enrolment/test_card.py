"""The card: the deadline in words, the provider's own address, what it is and is not, a picture, and a reminder."""

import re
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import segno
from babel import Locale
from flask import Flask

from portal.database import Database
from portal.enrolment.reminder import calendar
from portal.moments import day_in_zone
from portal.sealing import KeyRing
from tests.cast import AMARA, settle
from tests.enrolment.bench import code_on, reveal, some_codes, stock_up, with_offers
from tests.requirements import requirement
from tests.servers.ground import StillClock
from tests.visitor import Answer, Visitor


def card(visitor: Visitor, database: Database, keys: KeyRing, expires: date = date(2018, 9, 30)) -> Answer:
    """The page with amara's code."""
    settle(database, keys)
    stock_up(database, keys, some_codes(1), expires=expires)
    visitor.arrive(AMARA.address)
    return reveal(visitor)


@requirement("USE-07")
def test_the_card_says_all_that_one_must_know(visitor: Visitor, database: Database, keys: KeyRing) -> None:
    told = " ".join(card(visitor, database, keys).text.split())
    for words in (
        "Use it by the end of 30 September 2018 (British Summer Time).",
        'href="https://fairwatch.example/stagelight" rel="noreferrer">https://fairwatch.example/stagelight<',
        "It runs for 12 months, with Fairwatch.",
        "A warning when someone asks for credit in your name.",
        "Nothing renews by itself.",
        "No right is waived",
        "Give the code to nobody",
        'data-behaviour="copy"',
        'href="/code/reminder.ics"',
    ):
        assert words in told
    assert "FAIR-000000-QXZ7" not in re.sub(r'id="code">[^<]+<', "", told)


def test_an_offer_that_renews_says_so(visitor: Visitor, portal: Flask, database: Database, keys: KeyRing) -> None:
    portal.extensions["incident"] = with_offers(portal.extensions["incident"], monitoring={"renews": True})
    told = card(visitor, database, keys).text
    assert "it goes on by itself" in told
    assert "Nothing renews by itself" not in told


@requirement("USE-07")
def test_the_picture_is_the_code_and_nothing_else(visitor: Visitor, database: Database, keys: KeyRing) -> None:
    told = card(visitor, database, keys)
    drawn = segno.make_qr(code_on(told), error="m").svg_inline(
        omitsize=True, border=4, dark="#000", light="#fff", svgclass="qr", lineclass=None
    )
    assert drawn in told.text
    assert "style=" not in drawn


@requirement("USE-07", "COD-10")
def test_the_reminder_tells_the_day_and_holds_no_code(
    visitor: Visitor, database: Database, keys: KeyRing, clock: StillClock
) -> None:
    card(visitor, database, keys)
    first, second = visitor.get("/code/reminder.ics"), visitor.get("/code/reminder.ics")
    assert first.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert first.headers["Cache-Control"] == "no-store"
    entry = first.text.replace("\r\n ", "")
    assert "DTSTART;VALUE=DATE:20180930\r\n" in entry
    assert "until the end of 30 September 2018 (British Summer Time)" in entry
    for secret in ("FAIR", "QXZ7", "mail.example", "Fairwatch", "affected"):
        assert secret not in entry
    assert first.text == second.text, "a second copy would be a second entry"


def test_there_is_no_reminder_before_there_is_a_code(visitor: Visitor, database: Database, keys: KeyRing) -> None:
    settle(database, keys)
    visitor.arrive(AMARA.address)
    told = visitor.get("/code/reminder.ics")
    assert (told.status, told.location) == (303, "/code")


def test_a_calendar_entry_keeps_to_the_rules_of_calendars() -> None:
    day, now = date(2018, 12, 31), datetime(2018, 7, 2, tzinfo=UTC)
    entry = calendar(title="Tag, Monat; Jahr", text="ä" * 100 + "\nEnde", day=day, uid="x", now=now)
    lines = entry.split("\r\n")
    assert all(len(line.encode()) <= 75 for line in lines)
    assert "SUMMARY:Tag\\, Monat\\; Jahr" in lines
    assert "DTEND;VALUE=DATE:20190101" in lines
    assert "ä" * 100 + "\\nEnde" in entry.replace("\r\n ", "")


def test_a_day_is_told_with_the_zone_that_it_ends_in() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert day_in_zone(date(2018, 7, 1), Locale("nl"), berlin) == "1 juli 2018 (Midden-Europese zomertijd)"
    assert day_in_zone(date(2018, 12, 1), Locale("en"), berlin) == "1 December 2018 (Central European Standard Time)"
