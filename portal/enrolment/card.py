"""The card: everything that stands beside a code, in words."""

from dataclasses import dataclass
from datetime import date

import segno
from babel import Locale
from markupsafe import Markup

from portal.incident.file import Incident
from portal.incident.offers import Offer
from portal.incident.words import OfferWords
from portal.moments import day_in_zone


@dataclass(frozen=True)
class Card:
    """A code, the last day that it works on, the offer as the incident tells it, and how the code before ended."""

    code: str
    deadline: str
    offer: Offer | None  # none if the incident file no longer has it
    words: OfferWords | None
    picture: Markup
    before: str


def card(incident: Incident, locale: Locale, offer: Offer | None, code: str, expires: date, before: str = "") -> Card:
    """The card in this language."""
    words = incident.words(str(locale)).short.offers[offer.id] if offer else None
    return Card(code, day_in_zone(expires, locale, incident.zone), offer, words, picture(code), before)


def picture(code: str) -> Markup:
    """A QR code of the code alone, as SVG that needs no style: a telephone reads it from the screen or from paper."""
    drawn = segno.make_qr(code, error="m")
    return Markup(drawn.svg_inline(omitsize=True, border=4, dark="#000", light="#fff", svgclass="qr", lineclass=None))  # noqa: S704 - digits only
