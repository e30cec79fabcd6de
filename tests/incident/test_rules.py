"""Every account gets an answer from the rules, and the first rule that fits gives it."""

from hypothesis import given
from hypothesis import strategies as some

from portal.config import ROOT
from portal.incident.countries import codes
from portal.incident.file import answer_for, read
from portal.incident.rules import AFFECTED, NOT_AFFECTED, UNKNOWN, Answer, Rule, first_answer

CHINOOK = read(ROOT / "tests" / "data" / "chinook")
BRANDS = ("red", "blue")
CATEGORIES = ("address", "name")

countries = some.sampled_from(sorted(codes()))
results = some.sampled_from([NOT_AFFECTED, UNKNOWN, "UNDER_REVIEW"])
categories = some.lists(some.sampled_from(CATEGORIES), min_size=1, unique=True)
said = some.one_of(
    some.builds(lambda held: {"result": AFFECTED, "categories": held}, categories),
    some.builds(lambda result: {"result": result}, results),
)
conditions = some.one_of(
    some.builds(lambda held: {"country": held}, some.lists(countries, min_size=1, max_size=4)),
    some.builds(lambda held: {"brand": held}, some.lists(some.sampled_from(BRANDS), min_size=1)),
)
rules = some.builds(lambda condition, answer: Rule(**condition, **answer), conditions, said)


@given(
    some.lists(rules, max_size=5),
    some.builds(lambda answer: Answer(**answer), said),
    some.sampled_from(BRANDS),
    countries | some.none(),
)
def test_rules_answer_everybody(held: list[Rule], otherwise: Answer, brand: str, country: str | None) -> None:
    answer = first_answer(tuple(held), otherwise, brand, country)
    fitting = [rule for rule in held if rule.holds(brand, country)]
    expected = fitting[0] if fitting else otherwise
    assert answer.result == expected.result
    assert answer.categories == tuple(sorted(expected.categories))
    assert (answer.result == AFFECTED) == bool(answer.categories)


@given(countries | some.none())
def test_nobody_outside_the_named_countries_is_told_more_than_we_know(country: str | None) -> None:
    named = {code for rule in CHINOOK.rules for code in rule.country}
    if country not in named:
        assert answer_for(CHINOOK, brand="chinook", country=country).result == UNKNOWN


def test_a_country_that_we_do_not_know_is_in_no_list() -> None:
    assert not Rule(country=("US",), result=NOT_AFFECTED).holds("red", None)


def test_whoever_is_left_out_is_spoken_of_by_no_rule() -> None:
    rule = Rule(not_country="FR", not_brand="blue", result=NOT_AFFECTED)
    asked = [("red", "GB"), ("red", None), ("red", "FR"), ("blue", "GB")]
    assert [rule.holds(*account) for account in asked] == [True, True, False, False]


def test_the_first_rule_that_fits_is_taken() -> None:
    assert answer_for(CHINOOK, brand="chinook", country="GB").categories == ("name", "postal_address")
    assert answer_for(CHINOOK, brand="chinook", country="DE").categories == (
        "login_details",
        "name",
        "postal_address",
        "telephone",
    )
    assert answer_for(CHINOOK, brand="chinook", country="US").result == NOT_AFFECTED
