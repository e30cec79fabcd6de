"""Dates and times in words, in the incident's zone and with the zone's name; for pages and letters alike."""

from datetime import date, datetime, tzinfo

from babel import Locale
from babel.dates import format_date, format_time, get_timezone_name
from flask import Flask
from flask_babel import get_locale

from portal.web.origins import site

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


def init_app(app: Flask) -> None:
    """Offer both to templates, in the page's language: `day | date_in_words`, `moment | moment_in_words`."""
    app.add_template_filter(_date_filter, "date_in_words")
    app.add_template_filter(_moment_filter, "moment_in_words")


def _date_filter(day: date) -> str:
    return date_in_words(day, get_locale() or DAY_FIRST, site().zone)


def _moment_filter(moment: datetime) -> str:
    return moment_in_words(moment, get_locale() or DAY_FIRST, site().zone)


def _worded(locale: Locale) -> Locale:
    return DAY_FIRST if str(locale) == "en" else locale
