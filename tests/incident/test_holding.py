"""Before publication there is nothing to see, but for those who rehearse."""

from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.incident.rehearsal import LIFETIME
from tests.incident.conftest import EVE, MakeClient
from tests.servers.ground import StillClock

KEY = "a key for the evening before"
OWN = {"Sec-Fetch-Site": "same-origin"}


@pytest.fixture
def early(make_client: MakeClient, clock: StillClock) -> FlaskClient:
    """A browser a second before publication."""
    clock.moment = EVE
    return make_client(rehearsal_key=KEY)


def rehearse(client: FlaskClient, key: str = KEY) -> TestResponse:
    """Enter a rehearsal key."""
    return client.post("/rehearsal", data={"key": key}, headers=OWN)


@pytest.mark.parametrize("path", ["/", "/faq", "/sent", "/v", "/status", "/no-such-page"])
def test_every_page_is_the_holding_page(early: FlaskClient, path: str) -> None:
    answer = early.get(path)
    assert answer.status_code == 503
    assert answer.headers["Cache-Control"] == "no-store"
    assert int(answer.headers["Retry-After"]) > 0
    assert answer.data == early.get("/").data


def test_the_holding_page_does_not_tell_what_it_holds(early: FlaskClient) -> None:
    page = early.get("/").text.lower()
    assert not [word for word in ("breach", "incident.", "your data", "chat", "june") if word in page]


def test_nobody_can_ask_before_publication(early: FlaskClient) -> None:
    assert early.post("/start", data={"email": "amara@mail.example"}, headers=OWN).status_code == 503


def test_health_is_told_before_publication(early: FlaskClient) -> None:
    assert early.get("/healthz").status_code == 200


def test_the_pages_open_by_themselves(early: FlaskClient, clock: StillClock) -> None:
    clock.move(seconds=1)
    assert early.get("/").status_code == 200


def test_a_rehearsal_sees_the_pages_and_no_cache_keeps_them(early: FlaskClient) -> None:
    assert rehearse(early).status_code == 303
    answer = early.get("/")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_wrong_key_opens_nothing(early: FlaskClient) -> None:
    answer = rehearse(early, "another key")
    assert answer.status_code == 400
    assert "Set-Cookie" not in answer.headers
    assert "another key" not in answer.text
    assert early.get("/").status_code == 503


def test_keys_cannot_be_tried_out_in_numbers(early: FlaskClient) -> None:
    assert [rehearse(early, str(number)).status_code for number in range(6)] == [400] * 5 + [429]


def test_a_rehearsal_ends_after_twelve_hours(early: FlaskClient, clock: StillClock) -> None:
    clock.moment = EVE - LIFETIME - timedelta(hours=1)
    rehearse(early)
    clock.move(seconds=LIFETIME.total_seconds() - 1)
    assert early.get("/").status_code == 200
    clock.move(seconds=1)
    assert early.get("/").status_code == 503


def test_a_new_key_ends_every_rehearsal(early: FlaskClient, make_client: MakeClient) -> None:
    rehearse(early)
    other = make_client(rehearsal_key="a new key")
    other.set_cookie("rehearsal", early.get_cookie("rehearsal", domain="localhost").value)  # type: ignore[union-attr]
    assert other.get("/").status_code == 503


def test_a_forged_pass_opens_nothing(early: FlaskClient) -> None:
    early.set_cookie("rehearsal", "MTUyNzk0MDgwMA.W4pNFAR5xPxf4zqDChi2FaktTFQ")
    assert early.get("/").status_code == 503


def test_the_pass_is_for_this_site_alone(early: FlaskClient) -> None:
    cookie = rehearse(early).headers["Set-Cookie"]
    assert {"HttpOnly", "Path=/", "SameSite=Strict", "Max-Age=43200"} <= set(cookie.split("; "))


def test_over_tls_the_pass_is_bound_to_the_host(make_client: MakeClient, clock: StillClock) -> None:
    clock.moment = EVE
    client = make_client(rehearsal_key=KEY, origin="https://localhost")
    cookie = rehearse(client).headers["Set-Cookie"]
    assert cookie.startswith("__Host-rehearsal=")
    assert "; Secure" in cookie


def test_without_a_key_there_is_no_rehearsal(make_client: MakeClient, clock: StillClock) -> None:
    clock.moment = EVE
    client = make_client()
    assert client.get("/rehearsal").status_code == 404
    assert rehearse(client, "").status_code == 404


def test_after_publication_there_is_no_rehearsal(make_client: MakeClient) -> None:
    assert make_client(rehearsal_key=KEY).get("/rehearsal").status_code == 404
