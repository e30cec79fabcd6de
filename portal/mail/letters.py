"""Letters: one function each; their values come from fixed lists, so nobody can write through them (EML-11)."""

from datetime import datetime, tzinfo
from functools import lru_cache
from typing import Any

from babel import Locale

from portal.mail.message import Message, Sender
from portal.mail.rendering import render
from portal.moments import moment_in_words
from portal.tokens import show_code


def link(
    sender: Sender, locale: str, zone: tzinfo, *, link: str, stop_link: str, code: str, asked_at: datetime, browser: str
) -> Message:
    """The letter that proves a mailbox; the same for everybody who has an account, but for its secrets."""
    personal = {"link": link, "stop_link": stop_link, "code": show_code(code)}
    personal["asked"] = _in_words(asked_at, locale, zone)
    site = link.partition("#")[0].rpartition("/")[0]
    return _message("link", sender, locale, personal, site=site, browser=browser)


def unknown(sender: Sender, locale: str, zone: tzinfo, *, asked_at: datetime, portal: str) -> Message:
    """The letter to an address under which there is no account."""
    return _message("unknown", sender, locale, {"asked": _in_words(asked_at, locale, zone)}, portal=portal)


def password_changed(
    sender: Sender, locale: str, zone: tzinfo, *, brand: str, changed_at: datetime, portal: str, help_page: str
) -> Message:
    """The letter that confirms a new password, and says what to do if somebody else set it."""
    shared = {"brand": brand, "portal": portal, "help_page": help_page}
    return _message("password_changed", sender, locale, {"changed": _in_words(changed_at, locale, zone)}, **shared)


def code_ready(sender: Sender, locale: str, *, portal: str, replaced: bool = False) -> Message:
    """The letter to somebody who waited for a monitoring code, or gets one in place of another; it holds no code."""
    return _message("code_ready", sender, locale, {}, portal=portal, replaced=replaced)


def case_answer(sender: Sender, locale: str, *, number: str, portal: str, help_page: str) -> Message:
    """The letter to somebody who wrote to us: there is an answer, and where it stands; never the answer itself."""
    return _message("case_answer", sender, locale, {"number": number}, portal=portal, help_page=help_page)


def mailbox_change(
    sender: Sender, locale: str, zone: tzinfo, *, brand: str, link: str, applies_at: datetime
) -> Message:
    """The letter to whoever is about to lose an account's letters; its link stops that."""
    personal = {"link": link, "applies": _in_words(applies_at, locale, zone)}
    return _message("mailbox_change", sender, locale, personal, brand=brand)


def helper_begins(
    sender: Sender,
    locale: str,
    zone: tzinfo,
    *,
    brand: str,
    relation: str,
    begins_at: datetime,
    portal: str,
    help_page: str,
) -> Message:
    """The letter to whoever is about to be helped; `relation` is guardian, carer, attorney or executor."""
    shared = {"brand": brand, "relation": relation, "portal": portal, "help_page": help_page}
    return _message("helper_begins", sender, locale, {"begins": _in_words(begins_at, locale, zone)}, **shared)


def alert(sender: Sender, locale: str, *, what: str, number: str) -> Message:
    """The letter to an officer: `what` is duress, many or sooner, and `number` that of a change of address."""
    return _message("alert", sender, locale, {"number": number}, what=what)


def anchor(sender: Sender, locale: str, zone: tzinfo, *, entry: int, sealed_at: datetime, line: str) -> Message:
    """The letter that puts an anchor of the trail into an officer's hands."""
    personal = {"entry": str(entry), "moment": _in_words(sealed_at, locale, zone), "line": line}
    return _message("anchor", sender, locale, personal)


def invitation(sender: Sender, locale: str, zone: tzinfo, *, link: str, ends_at: datetime) -> Message:
    """The letter to a new member of the staff; its link registers a passkey, once."""
    return _message("invitation", sender, locale, {"link": link, "ends": _in_words(ends_at, locale, zone)})


def _message(letter: str, sender: Sender, locale: str, personal: dict[str, str], **shared: Any) -> Message:
    return Message(sender, render(letter, locale, personal, sender=sender, **shared), locale)


def _in_words(moment: datetime, locale: str, zone: tzinfo) -> str:
    return _minute_in_words(moment.replace(second=0, microsecond=0), locale, zone)


@lru_cache(1000)  # a storm of letters asks about few minutes
def _minute_in_words(minute: datetime, locale: str, zone: tzinfo) -> str:
    return moment_in_words(minute, Locale.parse(locale), zone)
