"""Metrics: whoever has the token reads counts and times; to everybody else there is no such page."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from flask import Flask

from portal.config import Settings
from portal.database import Database
from portal.sealing import KeyRing
from tests.cast import AMARA, BO, FATOU, settle
from tests.enrolment.bench import crowd, reveal, some_codes, stock_up
from tests.identity.bench import states_of
from tests.servers.app import MakePortal, Newcomer
from tests.servers.ground import MakeSettings, StillClock
from tests.servers.processes import Install
from tests.visitor import OWN, OverTheWire, Visitor

TOKEN = "a token for those who watch"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
SAMPLE = re.compile(r"^(portal_\w+(?:\{[^}]*\})?) (\S+)$", re.MULTILINE)


def samples(text: str) -> dict[str, float]:
    """Every value by its name and labels."""
    return {name: float(value) for name, value in SAMPLE.findall(text)}


@pytest.fixture
def portal(make_portal: MakePortal) -> Flask:
    """An application that may be watched."""
    return make_portal(metrics_token=TOKEN)


@pytest.fixture
def cast(database: Database, keys: KeyRing) -> None:
    """Let the customers of the cast have been loaded."""
    settle(database, keys)


@pytest.fixture
def look(portal: Flask) -> Callable[[], dict[str, float]]:
    """What is seen by whoever has the token."""
    client = portal.test_client()
    return lambda: samples(client.get("/metrics", headers=BEARER).get_data(as_text=True))


@pytest.mark.parametrize(
    "said",
    [
        {},
        {"Authorization": TOKEN},
        {"Authorization": "Bearer "},
        {"Authorization": f"Bearer {TOKEN}x"},
        {"Authorization": f"Basic {TOKEN}"},
        {"Authorization": "Bearer \u00e9"},
    ],
)
def test_without_the_token_there_is_no_such_page(portal: Flask, said: dict[str, str]) -> None:
    client = portal.test_client()
    hidden, absent = client.get("/metrics", headers=said), client.get("/no-such-page", headers=said)
    assert (hidden.status_code, hidden.data) == (404, absent.data)
    assert hidden.headers.to_wsgi_list() == absent.headers.to_wsgi_list()


def test_without_a_setting_nobody_reads_it(make_portal: MakePortal) -> None:
    client = make_portal().test_client()
    for said in ("Bearer ", "Bearer None", f"Bearer {TOKEN}"):
        assert client.get("/metrics", headers={"Authorization": said}).status_code == 404


def test_before_publication_only_the_token_sees_past_the_holding_page(portal: Flask, clock: StillClock) -> None:
    clock.move(days=-30)
    client = portal.test_client()
    assert client.get("/metrics").status_code == 503
    assert client.get("/metrics", headers=BEARER).status_code == 200


def test_a_request_is_counted_by_page_and_class_of_status(portal: Flask, look: Callable[[], dict[str, float]]) -> None:
    client = portal.test_client()
    for path in ("/", "/?lang=en", "/faq", "/amara", "/amara/../bo", "/metrics"):
        client.get(path)
    client.post("/start", data={"email": "nonsense"}, headers=OWN)
    seen = look()
    assert seen['portal_requests_total{endpoint="incident.index",status="2xx"}'] == 2
    assert seen['portal_requests_total{endpoint="incident.faq",status="2xx"}'] == 1
    assert seen['portal_requests_total{endpoint="none",status="4xx"}'] == 2
    assert seen['portal_requests_total{endpoint="metrics.show",status="4xx"}'] == 1
    assert seen['portal_requests_total{endpoint="identity.start",status="4xx"}'] == 1
    assert seen['portal_request_seconds_count{endpoint="incident.index"}'] == 2
    assert 0 < seen['portal_request_seconds_sum{endpoint="incident.index"}'] < 10


def test_letters_and_the_lag_of_their_queues_are_told(
    cast: None, visitor: Visitor, clock: StillClock, look: Callable[[], dict[str, float]]
) -> None:
    for person in (AMARA, BO, FATOU):
        visitor.ask(person.address)
    clock.move(minutes=2)
    seen = look()
    assert (seen["portal_requests_waiting"], seen["portal_request_lag_seconds"]) == (3, 120)
    assert (seen['portal_letters{state="QUEUED"}'], seen["portal_letter_lag_seconds"]) == (0, 0)
    visitor.work()
    seen = look()
    assert (seen["portal_requests_waiting"], seen["portal_request_lag_seconds"]) == (0, 0)
    assert seen['portal_letters{state="SENT"}'] == 3
    assert seen["portal_letter_lag_seconds"] == 0


def test_resets_are_told_open_and_settled(cast: None, visitor: Visitor, look: Callable[[], dict[str, float]]) -> None:
    assert look()['portal_resets{end="open"}'] == 0
    visitor.work()
    seen = look()
    ends = {name: value for name, value in seen.items() if name.startswith("portal_resets")}
    assert sum(ends.values()) == 3
    assert seen["portal_store_lag_seconds"] == 0


def test_codes_are_told_that_are_left_and_people_who_wait(
    newcomer: Newcomer, database: Database, keys: KeyRing, look: Callable[[], dict[str, float]]
) -> None:
    left, waiting = 'portal_codes_left{offer="monitoring"}', 'portal_codes_waited_for{offer="monitoring"}'
    people = crowd(4)
    settle(database, keys, *people)
    stock_up(database, keys, some_codes(1))
    stock_up(database, keys, some_codes(9, "OLD"), expires=date(2018, 6, 30))  # they work no longer
    assert (look()[left], look().get(waiting, 0)) == (1, 0)
    guests = [newcomer(f"10.0.{number}.1") for number in range(len(people))]
    for guest, person in zip(guests, people, strict=True):
        guest.arrive(person.address)
        reveal(guest)
    assert (look()[left], look()[waiting]) == (0, 3)
    stock_up(database, keys, some_codes(5, "NEW"))
    assert (look()[left], look()[waiting]) == (5, 3)
    guests[0].work()
    assert (look()[left], look().get(waiting, 0)) == (2, 0)


def test_nothing_in_it_is_about_one_person(cast: None, visitor: Visitor, database: Database, portal: Flask) -> None:
    visitor.arrive(AMARA.address)
    visitor.ask("fatou+canary@mail.example")
    visitor.get("/canary/amara?amara", User_Agent="canary", Referer="http://localhost/canary")
    visitor.post("/v", {"code": "CANARY77"})
    text = portal.test_client().get("/metrics", headers=BEARER).get_data(as_text=True)
    assert states_of(database)
    assert not re.search(r"canary|amara|fatou|mail\.example|127\.0|[0-9a-z]{20}", text, re.IGNORECASE)
    words = set(re.findall(r'="([^"]*)"', text))
    known = {*portal.view_functions, "none", "2xx", "3xx", "4xx", "5xx"}
    assert {word for word in words - known if not re.fullmatch(r"[A-Z]+|[a-z ]+|[\d.]+|\+Inf", word)} == set()


def test_while_the_database_is_away_the_requests_are_still_told(make_portal: MakePortal) -> None:
    app = make_portal(metrics_token=TOKEN)
    held = app.extensions["portal"]
    held.database = Database("sqlite:////nowhere/portal.db")
    answer = app.test_client().get("/metrics", headers=BEARER)
    seen = samples(answer.get_data(as_text=True))
    assert (answer.status_code, seen["portal_database_answers"]) == (200, 0)
    assert "portal_letter_lag_seconds" not in seen
    assert 'portal_requests_total{endpoint="metrics.show",status="2xx"}' in samples(
        app.test_client().get("/metrics", headers=BEARER).get_data(as_text=True)
    )


def test_processes_put_their_counts_together(install: Install, database: Database, keys: KeyRing) -> None:
    settle(database, keys)
    place = install(metrics_token=TOKEN, metrics_folder="counts")
    place.environment["GUNICORN_CMD_ARGS"] = "--workers 2 --preload"
    left = place.instance / "counts" / "counter_1.db"
    place.web(threads=4)
    asked = 0
    # Which of the two answers is chance; where eight ask at once, one alone is too busy to have them all.
    with ThreadPoolExecutor(8) as askers:
        while asked < 24 or len(list(left.parent.glob("counter_*.db"))) < 2:
            answers = list(askers.map(lambda _: OverTheWire(place.origin).ask("GET", "/faq", None, {}), range(8)))
            assert {answer.status for answer in answers} == {200}
            asked += len(answers)
    seen = samples(OverTheWire(place.origin).ask("GET", "/metrics", None, BEARER).text)
    assert seen['portal_requests_total{endpoint="incident.faq",status="2xx"}'] == asked
    assert seen['portal_request_seconds_count{endpoint="incident.faq"}'] == asked
    assert seen["portal_database_answers"] == 1


def test_several_processes_need_a_place_for_their_counts(settings: MakeSettings) -> None:
    shared = {"web_processes": 2, "database_url": "postgresql://127.0.0.1/x", "limiter_url": "redis://127.0.0.1"}
    with pytest.raises(ValueError, match="PORTAL_METRICS_FOLDER"):
        settings(**shared, metrics_token=TOKEN)
    assert isinstance(settings(**shared, metrics_token=TOKEN, metrics_folder="counts"), Settings)


def test_a_token_that_could_be_guessed_is_refused(settings: MakeSettings) -> None:
    with pytest.raises(ValueError, match="24"):
        settings(metrics_token="short")
