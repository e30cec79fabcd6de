"""Policy: long passwords of any signs, counted in code points, and no other rule."""

from typing import Literal
from unicodedata import normalize

import pytest
from flask import Flask

from portal.database import Database
from portal.reset.guessing import Weakness
from portal.reset.passwords import Fault, fault_of
from portal.reset.stores.protocol import Need, Policy
from portal.sealing import KeyRing
from tests.cast import EMRE
from tests.requirements import requirement
from tests.reset.bench import (
    NEW,
    credential,
    form_on,
    key_of,
    open_ones,
    said_of,
    set_password,
    store_of,
)
from tests.servers.app import MakePortal
from tests.servers.ground import MakeSettings
from tests.visitor import Visitor

FIFTEEN = "tin boats drift"
STRANGE = "Zwölf ☂ 𝔅oote ميناء 北"


def of(length: int) -> str:
    """A sound password of so many code points."""
    return (NEW + " under a mild grey sky, and nobody minds: forty lamps burn on, while six old dogs sleep" * 3)[
        :length
    ]


@requirement("PWD-01")
@pytest.mark.parametrize("length", [1, 14])
def test_fourteen_code_points_are_refused(emre: Visitor, database: Database, length: int) -> None:
    answer = set_password(emre, of(length))
    assert answer.status == 400
    assert said_of(answer) == "This is too short. Use 15 characters or more; a few words will do."
    assert open_ones(database) == 3


@requirement("PWD-01")
@pytest.mark.parametrize("password", [FIFTEEN, of(128), "𝔅𝔇 𝔉𝔊𝔍𝔎 𝔐𝔒𝔓𝔔 𝔖𝔗𝔘"], ids=["15", "128", "rare signs"])
def test_fifteen_to_a_hundred_and_twenty_eight_are_taken(emre: Visitor, password: str) -> None:
    answer = set_password(emre, password)
    assert (answer.status, answer.location) == (303, "/next"), said_of(answer)


@requirement("PWD-01")
def test_code_points_are_counted_and_not_bytes_or_halves() -> None:
    assert fault_of("é𝔅☂北" * 3 + "xy", Policy(15), []) is Fault.SHORT
    assert fault_of("é𝔅☂北 قم" * 2 + "x", Policy(15), []) is None


@requirement("PWD-01")
@pytest.mark.parametrize(
    ("password", "fault"), [(of(129), Fault.LONG), (of(128), None), ("𝔅𝔇𝔈𝔉" * 32, None), ("", Fault.EMPTY)]
)
def test_a_hundred_and_twenty_nine_are_refused_and_never_cut(password: str, fault: Fault | None) -> None:
    assert len("𝔅𝔇𝔈𝔉".encode() * 32) == 512
    assert fault_of(password, Policy(15), []) in (fault, Weakness.REPEATED)


@requirement("PWD-01")
def test_a_store_that_counts_bytes_refuses_what_it_would_cut() -> None:
    bcrypt = Policy(15, most_bytes=72)
    assert fault_of(of(72), bcrypt, []) is None
    assert fault_of(of(73), bcrypt, []) is Fault.LONG
    assert fault_of("ü" + of(71), bcrypt, []) is Fault.LONG


@requirement("PWD-01")
def test_with_a_second_factor_eight_code_points_do(
    make_portal: MakePortal, settings: MakeSettings, database: Database, keys: KeyRing
) -> None:
    assert store_of(make_portal(store_has_second_factor=True)).policy == Policy(8)
    assert store_of(make_portal()).policy == Policy(15)
    assert fault_of("vq8#tmzk", Policy(8), []) is None
    assert fault_of("vq8#tmz", Policy(8), []) is Fault.SHORT


@requirement("PWD-02")
@pytest.mark.parametrize(
    "password",
    [NEW, "quiettinboatsdrift", "  two spaces in front", "83950 17462 94831", STRANGE, "tin\tboats\u00a0drift south"],
)
def test_there_are_no_rules_about_what_kinds_of_signs(emre: Visitor, password: str) -> None:
    answer = set_password(emre, password)
    assert answer.status == 303, said_of(answer)


@requirement("PWD-02")
def test_passwords_that_differ_in_the_last_sign_are_different(emre: Visitor, database: Database, keys: KeyRing) -> None:
    store = store_of(emre.browser.client.application)  # type: ignore[attr-defined]
    longest = of(127)
    assert set_password(emre, longest + "a").status == 303
    assert store.log_in(key_of(EMRE), longest + "a")
    assert not store.log_in(key_of(EMRE), longest + "b")
    assert not store.log_in(key_of(EMRE), longest)


@requirement("PWD-02")
def test_spaces_at_the_edges_belong_to_the_password(emre: Visitor) -> None:
    store = store_of(emre.browser.client.application)  # type: ignore[attr-defined]
    assert set_password(emre, f"  {NEW} ").status == 303
    assert store.log_in(key_of(EMRE), f"  {NEW} ")
    assert not store.log_in(key_of(EMRE), NEW)


@requirement("PWD-02")
@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_the_same_letters_composed_otherwise_are_the_same_password(emre: Visitor, form: Literal["NFC", "NFD"]) -> None:
    store = store_of(emre.browser.client.application)  # type: ignore[attr-defined]
    assert set_password(emre, normalize(form, "zwölf kühle boote")).status == 303
    for typed in ("zw\u00f6lf k\u00fchle boote", "zwo\u0308lf ku\u0308hle boote"):
        assert store.log_in(key_of(EMRE), typed)


@requirement("USE-05")
def test_a_refusal_keeps_the_form_and_never_the_password(emre: Visitor, database: Database, keys: KeyRing) -> None:
    before = credential(database, keys, EMRE).password_hash
    answer = set_password(emre, "short 4711")
    assert "short 4711" not in answer.text
    assert form_on(answer).send(emre, NEW).status == 303
    assert credential(database, keys, EMRE).password_hash != before


@requirement("USE-05")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_only_what_is_missing_is_asked_for(emre: Visitor, portal: Flask) -> None:
    store_of(portal).policy = Policy(15, needs=tuple(Need))
    # A space is a sign like any other.
    for password, missing in {NEW: "a capital letter and a digit", f"{NEW} 7": "a capital letter"}.items():
        assert said_of(set_password(emre, password)) == f"Something is missing. Add {missing}."
    assert set_password(emre, f"{NEW.title()} 7").location == "/next"
