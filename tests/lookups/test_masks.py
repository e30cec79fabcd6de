"""Masks: what is known can be known again, and nothing more."""

import pytest

from portal.lookups import masks
from tests.requirements import requirement


@requirement("STF-06")
@pytest.mark.parametrize(
    ("stored", "shown"),
    [("amara@mail.example", "a…@m…le"), ("b@x.io", "b…@x…io"), ("élan@übung.example", "é…@ü…le")],
)
def test_an_address_shows_three_ends(stored: str, shown: str) -> None:
    assert masks.address(stored) == shown


@requirement("STF-06")
@pytest.mark.parametrize(
    ("stored", "shown"),
    [("A-1001", "…001"), ("M-0000012", "…012"), ("12345", "…45"), ("123", "…3"), ("12", "…2"), ("1", "…"), ("", "…")],
)
def test_of_a_reference_the_last_three_signs_are_shown_and_never_most_of_it(stored: str, shown: str) -> None:
    assert masks.reference(stored) == shown
