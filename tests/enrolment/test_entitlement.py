"""Who may have a code: affected now, an open offer for their country and data; nothing that a visitor sends."""

from datetime import date
from typing import Any

import pytest
from flask import Flask

from portal.database import Database
from portal.incident.rules import AFFECTED
from portal.sealing import KeyRing
from tests.cast import ALL, AMARA, BO, SOME, Account, Person, settle
from tests.enrolment import bench
from tests.enrolment.bench import code_on, number_on, reveal, some_codes, stock_up, with_offers
from tests.requirements import requirement
from tests.servers.ground import StillClock
from tests.visitor import Visitor, token_on

KIND_WORDS = "There is no code for you"


def somebody(**said: Any) -> Person:
    """A person with one account that was affected."""
    return Person("guest", (Account(**{"result": AFFECTED, "categories": ALL, **said}),))


@requirement("COD-04")
@pytest.mark.parametrize("result", ["NOT_AFFECTED", "UNKNOWN", "UNDER_REVIEW"])
def test_who_was_not_affected_hears_kindly_that_there_is_none(
    visitor: Visitor, portal: Flask, database: Database, keys: KeyRing, result: str
) -> None:
    guest = somebody(result=result, categories=())
    settle(database, keys, guest)
    # Even an offer for everybody is for those who were affected.
    portal.extensions["incident"] = with_offers(portal.extensions["incident"], monitoring={"categories": ()})
    stock_up(database, keys, some_codes(3))
    visitor.arrive(guest.address)
    assert KIND_WORDS in visitor.get("/code").text
    token = token_on(visitor.get("/status"))
    told = visitor.post("/code", {"csrf_token": token})
    assert told.status == 200
    assert KIND_WORDS in told.text
    assert bench.given(database) == bench.grants_of(database) == []


@requirement("COD-04")
def test_no_parameter_gives_a_code_to_the_unaffected(visitor: Visitor, database: Database, keys: KeyRing) -> None:
    settle(database, keys)
    stock_up(database, keys, some_codes(3))
    visitor.arrive(BO.address)
    token = token_on(visitor.get("/status"))
    wished = {"offer": "monitoring", "email": AMARA.address, "result": AFFECTED, "country": "GB", "grant": "1"}
    for name, value in wished.items():
        for answer in (
            visitor.post(f"/code?{name}=monitoring", {"csrf_token": token, name: value}),
            visitor.get(f"/code?{name}=monitoring"),
            visitor.get(f"/code/reminder.ics?{name}=monitoring"),
        ):
            assert code_on(answer) == ""
            assert "FAIR" not in answer.text
    assert bench.given(database) == bench.grants_of(database) == []


@requirement("COD-04", "LNK-23")
def test_without_a_visit_every_way_leads_to_the_start(visitor: Visitor, database: Database, keys: KeyRing) -> None:
    settle(database, keys)
    stock_up(database, keys, some_codes(3))
    for answer in (visitor.get("/code"), visitor.post("/code"), visitor.get("/code/reminder.ics")):
        assert (answer.status, answer.location) == (303, "/")
    assert bench.given(database) == []


@requirement("SES-08")
def test_a_press_without_the_visits_token_gives_nothing(visitor: Visitor, database: Database, keys: KeyRing) -> None:
    settle(database, keys)
    stock_up(database, keys, some_codes(3))
    visitor.arrive(AMARA.address)
    assert visitor.post("/code").status == 403
    assert bench.given(database) == []


@requirement("COD-04", "LNK-23")
def test_what_must_come_first_comes_first(visitor: Visitor, portal: Flask, database: Database, keys: KeyRing) -> None:
    settle(database, keys)
    stock_up(database, keys, some_codes(3))
    visitor.arrive(AMARA.address)
    token = token_on(visitor.get("/code"))
    portal.extensions["may_enrol"] = lambda _session, _visit, _now: "journey.status"
    for answer in (
        visitor.get("/code"),
        visitor.post("/code", {"csrf_token": token}),
        visitor.get("/code/reminder.ics"),
    ):
        assert (answer.status, answer.location) == (303, "/status")
    assert bench.given(database) == []


OFFERS: dict[str, dict[str, object]] = {
    "over": {"deadline": date(2018, 7, 1), "months": 36},
    "europe": {"countries": ("DE", "NL"), "categories": ("payment_details",), "months": 24},
    "island": {"countries": ("GB",), "categories": ("payment_details",), "months": 18},
    "young": {"categories": (), "minors": True, "months": 60},
    "login": {"categories": ("login_details",), "months": 12},
}


@requirement("COD-04")
@pytest.mark.parametrize(
    ("said", "offer"),
    [
        ({"country": "DE"}, "europe"),
        ({"country": "GB"}, "island"),
        ({"country": "FR"}, "login"),
        ({"country": "DE", "categories": ("email_address", "login_details")}, "login"),
        ({"country": "DE", "categories": SOME}, None),
        ({"country": "GB", "minor": True}, "young"),
    ],
)
def test_the_first_open_offer_that_fits_is_given(
    visitor: Visitor, portal: Flask, database: Database, keys: KeyRing, said: dict[str, Any], offer: str | None
) -> None:
    guest = somebody(**said)
    settle(database, keys, guest)
    portal.extensions["incident"] = with_offers(portal.extensions["incident"], **OFFERS)
    for name in OFFERS:
        stock_up(database, keys, some_codes(1, name.upper()), offer=name)
    visitor.arrive(guest.address)
    page = visitor.get("/code")
    assert (KIND_WORDS in page.text) == (offer is None)
    if offer:
        assert f"It runs for {OFFERS[offer]['months']} months" in page.text
        assert code_on(reveal(visitor)) == f"{offer.upper()}-000000-QXZ7"


@requirement("COD-04")
def test_an_offer_is_open_until_midnight_in_the_incidents_zone(
    visitor: Visitor, database: Database, keys: KeyRing, clock: StillClock
) -> None:
    settle(database, keys)
    stock_up(database, keys, some_codes(1))
    clock.moment = clock.moment.replace(month=12, day=31, hour=23, minute=50)
    visitor.arrive(AMARA.address)
    token = token_on(visitor.get("/code"))
    clock.move(minutes=10)
    late = visitor.post("/code", {"csrf_token": token})
    assert KIND_WORDS in late.text
    clock.move(minutes=-1)
    assert code_on(reveal(visitor)) != ""


def test_what_was_given_stays_given_when_the_offer_is_over(
    visitor: Visitor, portal: Flask, database: Database, keys: KeyRing
) -> None:
    settle(database, keys)
    stock_up(database, keys, some_codes(1))
    visitor.arrive(AMARA.address)
    shown = code_on(reveal(visitor))
    incident = portal.extensions["incident"]
    portal.extensions["incident"] = with_offers(incident, monitoring={"deadline": date(2018, 7, 1)})
    assert code_on(reveal(visitor)) == shown != ""
    portal.extensions["incident"] = with_offers(incident, another={})
    assert code_on(reveal(visitor)) == shown


def test_a_place_in_line_is_kept_when_the_file_is_changed(
    visitor: Visitor, portal: Flask, database: Database, keys: KeyRing
) -> None:
    settle(database, keys)
    visitor.arrive(AMARA.address)
    assert number_on(reveal(visitor)) == 1
    portal.extensions["incident"] = with_offers(portal.extensions["incident"], another={})
    assert number_on(visitor.get("/code")) == 1
