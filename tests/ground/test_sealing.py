"""Sealing: a value opens only with its own key, for its own purpose, in its own row, and unchanged."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.sealing import KEY_BYTES, KeyRing, KeysUnreadable, SealBroken
from portal.tokens import fresh_id
from tests.requirements import requirement

pytestmark = requirement("OPS-07")
RING = KeyRing.fresh()
PURPOSE, ROW = "an address", fresh_id()


def with_second_key(ring: KeyRing) -> KeyRing:
    return KeyRing({**ring.masters, 2: KeyRing.fresh().masters[1]}, 2)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_what_is_sealed_opens_again(text: str) -> None:
    sealed = RING.seal(PURPOSE, ROW, text)
    assert RING.unseal(PURPOSE, ROW, sealed) == text
    assert sealed[0] == RING.current


def test_the_same_text_is_sealed_differently_each_time() -> None:
    assert len({RING.seal(PURPOSE, ROW, "amara@mail.example") for _ in range(100)}) == 100


def test_a_value_swapped_between_rows_or_purposes_does_not_open() -> None:
    sealed = RING.seal(PURPOSE, ROW, "amara@mail.example")
    for purpose, row in ((PURPOSE, fresh_id()), ("another purpose", ROW)):
        with pytest.raises(SealBroken):
            RING.unseal(purpose, row, sealed)


@given(st.data())
def test_a_changed_value_does_not_open(data: st.DataObject) -> None:
    sealed = bytearray(RING.seal(PURPOSE, ROW, "amara@mail.example"))
    place = data.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(SealBroken):
        RING.unseal(PURPOSE, ROW, bytes(sealed))


@given(st.binary(max_size=60))
def test_any_bytes_are_refused_politely(held: bytes) -> None:
    with pytest.raises(SealBroken):
        RING.unseal(PURPOSE, ROW, held)


def test_another_ring_opens_nothing() -> None:
    with pytest.raises(SealBroken):
        KeyRing.fresh().unseal(PURPOSE, ROW, RING.seal(PURPOSE, ROW, "amara@mail.example"))


def test_an_older_key_still_opens_and_a_new_one_seals() -> None:
    both = with_second_key(RING)
    old = RING.seal(PURPOSE, ROW, "amara@mail.example")
    assert both.unseal(PURPOSE, ROW, old) == "amara@mail.example"
    new = both.seal(PURPOSE, ROW, "amara@mail.example")
    assert (new[0], both.unseal(PURPOSE, ROW, new)) == (2, "amara@mail.example")
    with pytest.raises(SealBroken):
        RING.unseal(PURPOSE, ROW, new)


def test_an_index_can_be_looked_up_under_every_key() -> None:
    both = with_second_key(RING)
    assert both.macs(PURPOSE, "amara") == {1: RING.mac(PURPOSE, "amara"), 2: both.mac(PURPOSE, "amara")}
    assert both.mac(PURPOSE, "amara", key_id=1) == RING.mac(PURPOSE, "amara")


def test_an_index_is_told_apart_by_purpose_and_by_its_parts() -> None:
    said = [(PURPOSE, "ab", "c"), (PURPOSE, "a", "bc"), (PURPOSE, "abc"), ("another", "abc"), (PURPOSE, "abc", "")]
    assert len({RING.mac(purpose, *parts) for purpose, *parts in said}) == len(said)
    assert len(RING.mac(PURPOSE)) == 32


def test_a_ring_is_written_and_read(tmp_path: Path) -> None:
    file, both = tmp_path / "keys.json", with_second_key(RING)
    file.write_text(both.written())
    assert KeyRing.read(file) == both


def test_no_print_of_a_ring_shows_a_key() -> None:
    assert RING.masters[1].hex() not in repr(RING)
    assert repr(RING.masters[1]) not in repr(RING)


def key(length: int = KEY_BYTES) -> str:
    made = KeyRing({1: b"k" * length}, 1)
    return str(json.loads(made.written())["keys"]["1"])


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"current": 1}',
        '{"current": 1, "keys": []}',
        '{"current": 1, "keys": {}}',
        '{"current": 1, "keys": {"1": 7}}',
        '{"current": 1, "keys": {"1": "not base64!"}}',
        json.dumps({"current": 1, "keys": {"1": key(31)}}),
        json.dumps({"current": 1, "keys": {"1": key(33)}}),
        json.dumps({"current": 1, "keys": {"0": key(), "1": key()}}),
        json.dumps({"current": 1, "keys": {"1": key(), "256": key()}}),
        json.dumps({"current": 2, "keys": {"1": key()}}),
        json.dumps({"current": None, "keys": {"1": key()}}),
        json.dumps({"current": 1, "keys": {"one": key()}}),
    ],
)
def test_a_damaged_key_file_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "keys.json"
    file.write_text(text)
    with pytest.raises(KeysUnreadable, match=r"keys\.json"):
        KeyRing.read(file)


@pytest.mark.parametrize("held", [None, b"\xff\xfe\x00"])
def test_a_missing_or_unreadable_key_file_is_refused(tmp_path: Path, held: bytes | None) -> None:
    file = tmp_path / "keys.json"
    if held is not None:
        file.write_bytes(held)
    with pytest.raises(KeysUnreadable):
        KeyRing.read(file)
