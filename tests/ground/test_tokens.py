"""Fresh secrets are new each time, and a typed code is read as a person means it."""

import time
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.tokens import (
    CODE_LENGTH,
    CROCKFORD,
    fresh_code,
    fresh_id,
    fresh_public_id,
    fresh_token,
    is_public_id,
    is_token,
    read_code,
    show_code,
)
from tests.requirements import requirement

MANY = 2_000


@pytest.mark.parametrize("fresh", [fresh_token, fresh_public_id, fresh_code, fresh_id])
def test_nothing_fresh_comes_twice(fresh: object) -> None:
    assert len({fresh() for _ in range(MANY)}) == MANY  # type: ignore[operator]


def test_a_row_id_is_a_version_7_of_now() -> None:
    before = time.time_ns() // 1_000_000
    ids = [fresh_id() for _ in range(MANY)]
    after = time.time_ns() // 1_000_000
    assert {(each.version, each.variant) for each in ids} == {(7, UUID(int=0x8 << 60).variant)}
    assert all(before <= each.int >> 80 <= after for each in ids)
    assert ids == sorted(ids), "those of one millisecond too"


@requirement("LNK-18")
@pytest.mark.parametrize(
    "typed", ["7K3M9QTX", "7k3m-9qtx", " 7K3M 9QTX ", "7k3m–9qtx", "7K 3M 9Q TX", "7K3M\u00a09QTX"]
)
def test_a_code_is_read_in_any_spelling(typed: str) -> None:
    assert read_code(typed) == "7K3M9QTX"


@requirement("LNK-18")
def test_look_alikes_are_read_as_the_signs_they_stand_for() -> None:
    assert read_code("oOiIlL00") == "00111100"


@pytest.mark.parametrize("typed", ["", "7K3M9QT", "7K3M9QTXX", "7K3M9QTU", "7K3M9QT\x00", "７K3M9QTX", "7K3M9QTé"])
def test_what_is_no_code_is_not_read(typed: str) -> None:
    assert read_code(typed) is None


@requirement("LNK-18")
@given(st.text(CROCKFORD, min_size=CODE_LENGTH, max_size=CODE_LENGTH))
def test_a_code_survives_being_shown_and_typed(code: str) -> None:
    assert read_code(show_code(code)) == read_code(show_code(code).lower()) == code


@given(st.text())
def test_any_text_may_be_typed(text: str) -> None:
    code = read_code(text)
    assert code is None or (len(code) == CODE_LENGTH and set(code) <= set(CROCKFORD))


def test_shapes_are_told_apart() -> None:
    assert is_token(fresh_token())
    assert is_public_id(fresh_public_id())
    assert not is_token(fresh_public_id())
    assert not is_public_id(fresh_token())
    assert not is_token(fresh_token().upper())
    assert not is_token(fresh_token()[:-1] + "é")
