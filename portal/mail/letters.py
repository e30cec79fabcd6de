"""Letters: one function each; their values come from fixed lists, so nobody can write through them (EML-11)."""

from datetime import datetime, tzinfo

from babel import Locale

from portal.mail.message import Message, Sender
from portal.mail.rendering import render
from portal.moments import moment_in_words
from portal.tokens import show_code


def link(
    sender: Sender, locale: str, zone: tzinfo, *, link: str, stop_link: str, code: str, asked_at: datetime, browser: str
) -> Message:
    """The letter that proves a mailbox; the same for everybody who has an account, but for its secrets."""
    asked = moment_in_words(asked_at, Locale.parse(locale), zone)
    values = {"link": link, "stop_link": stop_link, "code": show_code(code), "asked": asked, "browser": browser}
    values["site"] = link.partition("#")[0].rpartition("/")[0]
    return Message(sender, render("link", locale, sender=sender, **values), locale)


def unknown(sender: Sender, locale: str, zone: tzinfo, *, asked_at: datetime, portal: str) -> Message:
    """The letter to an address under which there is no account."""
    asked = moment_in_words(asked_at, Locale.parse(locale), zone)
    return Message(sender, render("unknown", locale, sender=sender, asked=asked, portal=portal), locale)


def password_changed(
    sender: Sender, locale: str, zone: tzinfo, *, brand: str, changed_at: datetime, portal: str, help_page: str
) -> Message:
    """The letter that confirms a new password, and says what to do if somebody else set it."""
    changed = moment_in_words(changed_at, Locale.parse(locale), zone)
    values = {"brand": brand, "changed": changed, "portal": portal, "help_page": help_page}
    return Message(sender, render("password_changed", locale, sender=sender, **values), locale)


def code_ready(sender: Sender, locale: str, *, portal: str, replaced: bool = False) -> Message:
    """The letter to somebody who waited for a monitoring code, or gets one in place of another; it holds no code."""
    values = {"portal": portal, "replaced": replaced}
    return Message(sender, render("code_ready", locale, sender=sender, **values), locale)


def case_answer(sender: Sender, locale: str, *, number: str, portal: str, help_page: str) -> Message:
    """The letter to somebody who wrote to us: there is an answer, and where it stands; never the answer itself."""
    values = {"number": number, "portal": portal, "help_page": help_page}
    return Message(sender, render("case_answer", locale, sender=sender, **values), locale)


def mailbox_change(
    sender: Sender, locale: str, zone: tzinfo, *, brand: str, link: str, applies_at: datetime
) -> Message:
    """The letter to whoever is about to lose an account's letters; its link stops that."""
    values = {"brand": brand, "link": link, "applies": moment_in_words(applies_at, Locale.parse(locale), zone)}
    return Message(sender, render("mailbox_change", locale, sender=sender, **values), locale)


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
    begins = moment_in_words(begins_at, Locale.parse(locale), zone)
    values = {"brand": brand, "relation": relation, "begins": begins, "portal": portal, "help_page": help_page}
    return Message(sender, render("helper_begins", locale, sender=sender, **values), locale)


def alert(sender: Sender, locale: str, *, what: str, number: str) -> Message:
    """The letter to an officer: `what` is duress, many or sooner, and `number` that of a change of address."""
    return Message(sender, render("alert", locale, sender=sender, what=what, number=number), locale)


def anchor(sender: Sender, locale: str, zone: tzinfo, *, entry: int, sealed_at: datetime, line: str) -> Message:
    """The letter that puts an anchor of the trail into an officer's hands."""
    moment = moment_in_words(sealed_at, Locale.parse(locale), zone)
    return Message(sender, render("anchor", locale, sender=sender, entry=entry, moment=moment, line=line), locale)


def invitation(sender: Sender, locale: str, zone: tzinfo, *, link: str, ends_at: datetime) -> Message:
    """The letter to a new member of the staff; its link registers a passkey, once."""
    ends = moment_in_words(ends_at, Locale.parse(locale), zone)
    return Message(sender, render("invitation", locale, sender=sender, link=link, ends=ends), locale)
