"""Finders: the ways in which a member may search for a customer; a room that knows another adds its line here."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_babel.speaklater import LazyString

from portal.lookups.finding import Find, by_address, by_reference


@dataclass(frozen=True)
class Finder:
    """What is typed, in words, and how it is found; `find` gets the session, the keys and what was typed."""

    label: LazyString
    find: Find


FINDERS = {
    "address": Finder(_l("Whole email address"), by_address),
    "reference": Finder(_l("Customer number"), by_reference),
}
