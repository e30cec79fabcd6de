"""Filters: dates and times in words for templates, in the page's language and the incident's zone."""

from datetime import date, datetime

from flask import Flask
from flask_babel import get_locale

from portal.moments import DAY_FIRST, date_in_words, day_in_zone, moment_in_words
from portal.web.origins import site


def init_app(app: Flask) -> None:
    """Offer `day | date_in_words`, `day | day_in_zone` and `moment | moment_in_words`."""
    app.add_template_filter(_date_filter, "date_in_words")
    app.add_template_filter(_day_filter, "day_in_zone")
    app.add_template_filter(_moment_filter, "moment_in_words")


def _date_filter(day: date) -> str:
    return date_in_words(day, get_locale() or DAY_FIRST, site().zone)


def _day_filter(day: date) -> str:
    return day_in_zone(day, get_locale() or DAY_FIRST, site().zone)


def _moment_filter(moment: datetime) -> str:
    return moment_in_words(moment, get_locale() or DAY_FIRST, site().zone)
