"""Dates and times in words, in the incident's zone and with the zone's name; for pages and letters alike."""

from datetime import date, datetime, time, tzinfo

from babel import Locale
from babel.dates import format_date, format_time, get_timezone_name

# English without a country: day before month cannot be misread when the month is a word.
DAY_FIRST = Locale.parse("en_GB")


def date_in_words(day: date, locale: Locale, zone: tzinfo) -> str:
    """As in “28 June 2018”; a moment is taken in the zone."""
    if isinstance(day, datetime):
        day = day.astimezone(zone).date()
    return format_date(day, "long", _worded(locale))


def moment_in_words(moment: datetime, locale: Locale, zone: tzinfo) -> str:
    """As in “28 June 2018, 09:00 (British Summer Time)”."""
    there, worded = moment.astimezone(zone), _worded(locale)
    clock = format_time(there, "short", tzinfo=zone, locale=worded)
    return f"{date_in_words(there, locale, zone)}, {clock} ({get_timezone_name(there, locale=worded)})"


def day_in_zone(day: date, locale: Locale, zone: tzinfo) -> str:
    """As in “28 June 2018 (British Summer Time)”: the day as it is there, which ends at midnight there."""
    noon = datetime.combine(day, time(12), zone)
    return f"{date_in_words(day, locale, zone)} ({get_timezone_name(noon, locale=_worded(locale))})"


def _worded(locale: Locale) -> Locale:
    return DAY_FIRST if str(locale) == "en" else locale
