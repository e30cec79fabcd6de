"""Dates are written out, in the incident's zone, and the zone has a name."""

from datetime import UTC, date, datetime

import pytest
from babel import Locale

from portal.web.filters import date_in_words, moment_in_words
from tests.web.bench import LONDON

SUMMER = datetime(2018, 6, 28, 23, 30, tzinfo=UTC)
WINTER = datetime(2018, 12, 1, 9, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "day", "words"),
    [
        ("en", date(2018, 6, 28), "28 June 2018"),
        ("en", SUMMER, "29 June 2018"),
        ("nl", WINTER, "1 december 2018"),
        ("en_US", date(2018, 6, 28), "June 28, 2018"),
    ],
)
def test_a_day_is_written_out_in_the_zone(language: str, day: date, words: str) -> None:
    assert date_in_words(day, Locale.parse(language), LONDON) == words


@pytest.mark.parametrize(
    ("moment", "words"),
    [(SUMMER, "29 June 2018, 00:30 (British Summer Time)"), (WINTER, "1 December 2018, 09:05 (Greenwich Mean Time)")],
)
def test_a_moment_names_its_zone(moment: datetime, words: str) -> None:
    assert moment_in_words(moment, Locale.parse("en"), LONDON) == words
