"""Advice follows from the combination of what was exposed."""

from hypothesis import given
from hypothesis import strategies as some

from portal.incident.advice import AT_MOST, Combination
from portal.incident.file import read
from tests.servers.ground import EXAMPLE

INCIDENT = read(EXAMPLE)
sets = some.sets(some.sampled_from([category.id for category in INCIDENT.categories]))


@given(sets)
def test_never_more_than_three_things_to_do(categories: set[str]) -> None:
    counsel = INCIDENT.advice_for(categories)
    assert len(counsel.do) <= AT_MOST
    assert [one.priority for one in counsel.do] == sorted(one.priority for one in counsel.do)


@given(sets)
def test_nobody_is_told_to_do_a_thing_and_that_it_need_not_be_done(categories: set[str]) -> None:
    counsel = INCIDENT.advice_for(categories)
    do, need_not = {one.id for one in counsel.do}, {one.id for one in counsel.need_not_do}
    assert ("change_password" in do) != ("keep_password" in need_not)
    assert ("watch_statements" in do) != ("keep_card" in need_not)


def test_exposed_login_details_ask_for_a_new_password_first() -> None:
    assert INCIDENT.advice_for(["login_details", "payment_details", "email_address"]).do[0].id == "change_password"


def test_consequences_need_the_whole_combination() -> None:
    assert "identity_theft" not in {one.id for one in INCIDENT.advice_for(["name", "postal_address"]).consequences}
    assert "identity_theft" in {
        one.id for one in INCIDENT.advice_for(["name", "postal_address", "telephone"]).consequences
    }


def test_all_any_and_none_hold_together() -> None:
    held = Combination(id="x", all_of=("a",), any_of=("b", "c"), none_of=("d",))
    assert held.holds({"a", "c"})
    assert not held.holds({"a"})
    assert not held.holds({"b", "c"})
    assert not held.holds({"a", "b", "d"})
