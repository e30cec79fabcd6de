"""Addresses: what is read, what is refused, and that no look-alike ever stands for its owner."""

import socket

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from portal.identity.addresses import Address, AddressRefused, read
from tests.identity.refused_addresses import REFUSED
from tests.requirements import requirement

AMARA = "amara@mail.example"


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
