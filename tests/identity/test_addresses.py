"""Addresses: what is read, what is refused, and that no look-alike ever stands for its owner."""

import socket

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.requirements import requirement

from portal.identity.addresses import Address, AddressRefused, read

AMARA = "amara@mail.example"

REFUSED = {
    # Nothing there, or not one @.
    "nothing": "",
    "a space": " ",
    "no at": "amara",
    "only an at": "@",
    "no local part": "@mail.example",
    "no domain": "amara@",
    "two ats": "amara@mail.example@other.example",
    "two ats side by side": "amara@@mail.example",
    "an at in front": "@amara@mail.example",
    "two fullwidth ats": "amara\uff20mail\uff20example",
    # Dots of the local part.
    "a dot in front": ".amara@mail.example",
    "a dot before the at": "amara.@mail.example",
    "two dots": "ama..ra@mail.example",
    "only a dot": ".@mail.example",
    # Quotes, escapes, comments.
    "a quoted local part": '"amara"@mail.example',
    "a quoted space": '"amara bo"@mail.example',
    "a quoted at": '"amara@mail.example"@other.example',
    "an empty quote": '""@mail.example',
    "a quote in the middle": 'am"ar"a@mail.example',
    "an open quote": '"amara@mail.example',
    "a quoted escape": '"am\\"ara"@mail.example',
    "a backslash": "am\\ara@mail.example",
    "a backslash before the at": "amara\\@mail.example",
    "a comment in front": "(hello)amara@mail.example",
    "a comment before the at": "amara(hello)@mail.example",
    "a comment in the domain": "amara@(hello)mail.example",
    "a comment behind": "amara@mail.example(hello)",
    "an open comment": "amara@mail.example(",
    # Lists, groups, routes, names.
    "a comma": "amara@mail.example,bo@mail.example",
    "a comma in the local part": "ama,ra@mail.example",
    "a comma in the domain": "amara@mail,example",
    "a semicolon": "amara@mail.example;bo@mail.example",
    "a fullwidth comma": "amara@mail.example\uff0cbo",
    "a group": "all:amara@mail.example;",
    "a source route": "@relay.example:amara@mail.example",
    "a source route of two": "@one.example,@two.example:amara@mail.example",
    "angle brackets": "<amara@mail.example>",
    "a name and angle brackets": "Amara <amara@mail.example>",
    "fullwidth angle brackets": "\uff1camara@mail.example\uff1e",
    "an angle bracket under a stroke": "<\u0338amara@mail.example",
    "a mailto": "mailto:amara@mail.example",
    # Spaces and controls.
    "a space in the local part": "ama ra@mail.example",
    "a space before the at": "amara @mail.example",
    "a space after the at": "amara@ mail.example",
    "a space in the domain": "amara@mail .example",
    "a tab": "ama\tra@mail.example",
    "a line feed": "amara@mail.example\nBcc: bo@mail.example",
    "a line feed at the end": "amara@mail.example\n",
    "a carriage return": "amara\r@mail.example",
    "both, and a header": "amara@mail.example\r\nSubject: x",
    "a folded line": "amara\r\n @mail.example",
    "a NUL": "amara\0@mail.example",
    "a NUL at the end": "amara@mail.example\0",
    "a bell": "amara\a@mail.example",
    "a delete": "amara\x7f@mail.example",
    "a C1 control": "amara\x85@mail.example",
    "a line separator": "amara\u2028@mail.example",
    "a hard space inside": "ama\u00a0ra@mail.example",
    # Signs that nobody sees.
    "a soft hyphen": "ama\u00adra@mail.example",
    "a soft hyphen in the domain": "amara@ma\u00adil.example",
    "a zero width space": "ama\u200bra@mail.example",
    "a zero width joiner in the domain": "amara@ma\u200dil.example",
    "a turn to the left": "\u202eamara@mail.example",
    "a byte order mark": "\ufeffamara@mail.example",
    "half a pair": "ama\ud800ra@mail.example",
    "a private sign": "ama\ue000ra@mail.example",
    # Signs that would become ASCII.
    "a ligature": "a\ufb01@mail.example",
    "the Kelvin sign": "\u212a@mail.example",
    "the Kelvin sign in the domain": "amara@mail.\u212aim.example",
    "a feminine ordinal": "\u00aamara@mail.example",
    "a raised two": "amara\u00b2@mail.example",
    "a long s": "\u017famara@mail.example",
    "a small at": "amara\ufe6bmail.example",
    "a one dot leader": "ama\u2024ra@mail.example",
    "a mathematical a": "\U0001d41amara@mail.example",
    "a letter in a circle": "\u24d0mara@mail.example",
    "care of": "amara\u2105mail.example",
    "a Greek question mark": "amara@mail.example\u037e",
    # Domains.
    "one label": "amara@mail",
    "this machine": "amara@localhost",
    "a dot behind": "amara@mail.example.",
    "a dot before the domain": "amara@.mail.example",
    "two dots in the domain": "amara@mail..example",
    "an ideographic dot behind": "amara@mail.example\u3002",
    "a hyphen in front": "amara@-mail.example",
    "a hyphen behind": "amara@mail-.example",
    "an underscore": "amara@ma_il.example",
    "a number": "amara@192.0.2.1",
    "a bracketed number": "amara@[192.0.2.1]",
    "a bracketed IPv6 number": "amara@[IPv6:2001:db8::1]",
    "a bracketed word": "amara@[mail.example]",
    "a port": "amara@mail.example:25",
    "a path": "amara@mail.example/x",
    "an invalid A-label": "amara@xn--zz--.example",
    "an empty A-label": "amara@xn--.example",
    "a label of 64": f"amara@{'a' * 64}.example",
    "an emoji": "amara@\U0001f4a9.example",
    # Lengths.
    "a local part of 65": f"{'a' * 65}@mail.example",
    "65 bytes in 33 letters": f"{'é' * 33}@mail.example",
    "255 bytes": f"{'a' * 60}@{'b' * 60}.{'c' * 60}.{'d' * 60}.{'e' * 11}",
    "ten kilobytes": f"{'a' * 10_000}@mail.example",
    "ten kilobytes of accents": f"{'é' * 10_000}@mail.example",
}


@requirement("EML-02")
@pytest.mark.parametrize("text", REFUSED.values(), ids=REFUSED.keys())
def test_a_form_that_mail_programs_disagree_about_is_refused(text: str) -> None:
    with pytest.raises(AddressRefused) as refusal:
        read(text)
    assert "amara" not in str(refusal.value)


@requirement("EML-02")
def test_more_than_sixty_forms_are_refused() -> None:
    assert len(REFUSED) >= 60


@pytest.mark.parametrize(
    "text",
    [
        AMARA,
        "a@b.co",
        "amara+list@mail.example",
        "am.ara@sub.mail.example",
        "o'neil!#$%&*/=?^_`{|}~-@mail.example",
        f"{'a' * 64}@mail.example",
    ],
)
def test_an_ordinary_address_is_stored_as_it_was_given(text: str) -> None:
    assert read(text).stored == text


@requirement("EML-01")
@pytest.mark.parametrize(
    "text",
    [
        "amara\uff20mail.example",
        "amara@mail\uff0eexample",
        "amara@mail\u3002example",
        "amara@mail\uff61example",
        "\uff41\uff4d\uff41\uff52\uff41\uff20\uff4d\uff41\uff49\uff4c\uff0e\uff45\uff58\uff41\uff4d\uff50\uff4c\uff45",
        " amara@mail.example\u3000",
    ],
)
def test_what_an_east_asian_keyboard_types_is_the_same_address(text: str) -> None:
    assert read(text) == read(AMARA)


@requirement("EML-01")
def test_decomposed_letters_are_composed_before_anything_is_compared() -> None:
    assert read("jose\u0301@mail.example") == read("jos\u00e9@mail.example")


@requirement("EML-01")
def test_reading_asks_no_name_server(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a look at DNS")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setattr(socket, "socket", refuse)
    assert read("stanisław.wójcik@wp.pl").canonical == "stanisław.wójcik@wp.pl"


@requirement("EML-03")
def test_the_domain_becomes_an_a_label_and_the_letters_a_to_z_become_small() -> None:
    assert read("Amara.Okafor@Straße.EXAMPLE") == Address(
        "Amara.Okafor@xn--strae-oqa.example", "amara.okafor@xn--strae-oqa.example", "amaraokafor@xn--strae-oqa.example"
    )
    assert read("a@XN--STRAE-OQA.example").canonical == read("a@straße.example").canonical


@requirement("EML-03")
@pytest.mark.parametrize(
    ("owner", "other"),
    [
        ("mira@mail.example", "m\u0131ra@mail.example"),
        ("mira@mail.example", "m\u0130ra@mail.example"),
        ("fina@mail.example", "\ufb01na@mail.example"),
        ("strasse@mail.example", "stra\u00dfe@mail.example"),
        ("kim@mail.example", "\u212aim@mail.example"),
        ("a@mira.example", "a@m\u0131ra.example"),
        ("a@mira.example", "a@m\u0130ra.example"),
        ("a@fina.example", "a@\ufb01na.example"),
        ("a@strasse.example", "a@stra\u00dfe.example"),
        ("a@kim.example", "a@\u212aim.example"),
        ("\u00f6rs@mail.example", "\u00d6rs@mail.example"),
        ("amara@mail.example", "\u0430mara@mail.example"),
    ],
)
def test_a_look_alike_is_refused_or_somebody_else(owner: str, other: str) -> None:
    try:
        assert read(other).canonical != read(owner).canonical
    except AddressRefused:
        assert read(owner)


@requirement("EML-05")
@pytest.mark.parametrize("other", ["amara+shop@mail.example", "am.ara@mail.example", "a.m.a.r.a+x+y@mail.example"])
def test_tags_and_dots_are_part_of_who_somebody_is(other: str) -> None:
    assert read(other).canonical != read(AMARA).canonical


@requirement("EML-08")
@pytest.mark.parametrize(
    "other", ["amara+shop@mail.example", "am.ara@mail.example", "A.m.a.r.a+x+y@MAIL.example", "AMARA@mail.example"]
)
def test_tags_dots_and_capitals_are_counted_as_one_mailbox(other: str) -> None:
    assert read(other).mailbox == read(AMARA).mailbox


@requirement("EML-08")
def test_capitals_of_every_alphabet_are_counted_as_one_mailbox() -> None:
    assert read("\u00d6rs@mail.example").mailbox == read("\u00f6rs@mail.example").mailbox


TEXTS = st.one_of(
    st.emails(),
    st.text(max_size=20),
    st.builds("{}@{}.example".format, st.text(min_size=1, max_size=12), st.text(min_size=1, max_size=12)),
    st.from_regex(r"\A[a-zA-Zéßıłŉ+.]{1,12}@[a-zA-Zéßłあ-]{1,12}[.。．](example|pl|de)\Z"),
)


@requirement("EML-01")
@given(TEXTS)
def test_an_address_read_again_is_the_same_address(text: str) -> None:
    try:
        address = read(text)
    except AddressRefused:
        assume(False)
    assert read(address.stored) == address
    assert read(address.canonical).canonical == address.canonical
    assert address.stored.partition("@")[2].isascii()


@requirement("EML-03")
@given(TEXTS)
def test_the_identity_form_differs_from_the_stored_one_in_ascii_capitals_only(text: str) -> None:
    try:
        address = read(text)
    except AddressRefused:
        assume(False)
    changed = {(old, new) for old, new in zip(address.stored, address.canonical, strict=True) if old != new}
    assert all("A" <= old <= "Z" and new == chr(ord(old) + 32) for old, new in changed)
