"""Errors tell people what to do next, and tell nobody how we are built."""

import json

import pytest

from portal.extensions import limiter
from tests.requirements import requirement
from tests.web.bench import PLAIN, Client, client_of

STATUSES = (400, 403, 404, 405, 413, 415, 421, 429, 500, 503)


@requirement("OPS-10")
@pytest.mark.parametrize("status", STATUSES)
def test_each_failure_has_a_page_in_our_own_words(client: Client, status: int) -> None:
    answer = client.get(f"/fail/{status}")
    assert answer.status_code == status
    assert "Talk to a person" in answer.text
    assert "To our first page" in answer.text
    assert "werkzeug" not in answer.text.lower()


@requirement("OPS-10")
def test_an_unexpected_fault_shows_a_number_and_nothing_else(client: Client) -> None:
    answer = client.get("/breaks")
    assert answer.status_code == 500
    assert "Something broke on our side" in answer.text
    assert "RuntimeError" not in answer.text
    assert "amara" not in answer.text


@requirement("OPS-01", "OPS-10")
def test_an_unexpected_fault_is_logged_by_kind_and_number_only(
    client: Client, capfd: pytest.CaptureFixture[str]
) -> None:
    page = client.get("/breaks").text
    said = capfd.readouterr().err
    line = next(one for one in map(json.loads, said.splitlines()) if one["event"] == "unexpected")
    assert line["error"] == "RuntimeError"
    assert line["request"] in page
    assert "amara" not in said


@requirement("ENG-04")
def test_a_database_that_is_away_is_said_honestly(client: Client, capfd: pytest.CaptureFixture[str]) -> None:
    answer = client.get("/away")
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "60"
    assert "may not have been saved" in answer.text
    assert "amara" not in capfd.readouterr().err


@requirement("OPS-10")
def test_tracing_is_off(client: Client) -> None:
    for path in ("/", "/private", "/healthz"):
        assert client.open(path, method="TRACE").status_code == 405


@requirement("SES-12")
@pytest.mark.parametrize("said", ["a", "203.0.113.7, x", "''", "[::1", "\x00"])
def test_a_sender_that_is_no_address_is_refused_and_the_limiter_stays_whole(hall, said: str) -> None:  # type: ignore[no-untyped-def]
    client = client_of(hall(trusted_proxies=1))
    assert client.get("/private", headers={"X-Forwarded-For": said}).status_code == 400
    assert limiter._storage_dead is False


@requirement("SES-12")
@pytest.mark.parametrize("cookie", ["=", ";;;=;", "rq=\x01", "__Host-ps=" + "x" * 9000, 'a="\\777"'])
def test_a_malformed_cookie_breaks_nothing(client: Client, cookie: str) -> None:
    assert client.get("/private", headers={"Cookie": cookie}).status_code == 200


@requirement("LNK-21")
@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("evil.example", 400),
        ("help.stagelight.example.evil.example", 400),
        ("help.stagelight.example:444", 421),
        ("help.stagelight.example:80", 421),
        ("127.0.0.1", 400),
        ("", 400),
        ("help.stagelight.example@evil.example", 400),
        ("help.stagelight.example, evil.example", 400),
    ],
)
@pytest.mark.parametrize("path", ["/", "/nowhere", "/post"])
def test_a_wrong_host_is_refused_before_anything_else(client: Client, host: str, status: int, path: str) -> None:
    answer = client.get(path, headers={"Host": host})
    assert answer.status_code == status
    assert "This is not our address" in answer.text
    assert "href" not in answer.text
    assert "Brand" not in answer.text


@requirement("LNK-21")
def test_our_own_hosts_are_answered_with_or_without_the_usual_port(client: Client) -> None:
    for host in ("help.stagelight.example", "help.stagelight.example:443"):
        assert client.get("/", headers={"Host": host}).status_code == 200
    assert client.get("/", base_url=PLAIN).status_code == 400


@requirement("OPS-04")
def test_our_proxy_cannot_name_another_host_or_scheme(hall) -> None:  # type: ignore[no-untyped-def]
    client = client_of(hall(trusted_proxies=1))
    forged = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "http", "X-Forwarded-For": "203.0.113.7"}
    answer = client.get("/private", headers=forged)
    assert answer.status_code == 200
    assert "evil.example" not in answer.text
    assert "Strict-Transport-Security" in answer.headers
