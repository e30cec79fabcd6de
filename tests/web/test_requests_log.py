"""The log says what happened and how long it took, and nothing about who it was."""

import json
import logging
from datetime import datetime

import pytest
import structlog

from portal.web import requests_log
from tests.requirements import requirement
from tests.web.bench import SECURE, Client

Captured = pytest.CaptureFixture[str]


def lines(captured: Captured) -> list[dict[str, str]]:
    return [json.loads(line) for line in captured.readouterr().err.splitlines()]


@requirement("OPS-01")
def test_a_request_is_one_line_of_names_and_numbers(client: Client, capfd: Captured) -> None:
    client.get("/customers/A-1001?email=amara@mail.example", headers={"Cookie": "ps=canary", "User-Agent": "canary"})
    (line,) = lines(capfd)
    assert set(line) == {"event", "endpoint", "method", "status", "ms", "request", "level", "timestamp"}
    assert (line["endpoint"], line["method"], line["status"]) == ("customer", "GET", 200)
    assert datetime.fromisoformat(line["timestamp"]).utcoffset().total_seconds() == 0  # type: ignore[union-attr]


@requirement("OPS-01")
def test_no_part_of_a_request_reaches_the_log(client: Client, capfd: Captured) -> None:
    secret = "canary7canary"
    own = {"Sec-Fetch-Site": "same-origin", "X-Forwarded-For": secret, "Referer": f"{SECURE}/?{secret}"}
    for path in (f"/customers/{secret}", f"/{secret}", f"/post?{secret}", f"/static/{secret}/{secret}"):
        client.get(path, headers={**own, "Cookie": f"rq={secret}"})
        client.post(path, data={"email": f"{secret}@mail.example"}, headers=own)
    said = capfd.readouterr().err
    assert said
    assert secret not in said
    assert "203.0.113.7" not in said


@requirement("OPS-01")
def test_each_request_has_a_name_of_its_own(client: Client, capfd: Captured) -> None:
    client.get("/")
    client.get("/", headers={"X-Request-Id": "chosen-by-a-stranger"})
    first, second = lines(capfd)
    assert first["request"] != second["request"]
    assert "stranger" not in second["request"]


@requirement("OPS-02")
@pytest.mark.parametrize("said", ["a\r\nb", "a\nb", "a\u2028b", "a\x1b[2Jb", 'a", "level": "x'])
def test_no_text_can_begin_a_line_of_its_own(client: Client, capfd: Captured, said: str) -> None:
    requests_log.configure("INFO")
    structlog.get_logger().warning("told", text=said)
    logging.getLogger("a library").warning("told %s", said)
    raw = capfd.readouterr().err
    assert raw.count("\n") == 2
    assert not [sign for sign in raw.replace("\n", "") if not sign.isprintable()]
    assert json.loads(raw.splitlines()[0])["text"] == said


@requirement("OPS-02")
def test_a_method_with_line_breaks_is_not_repeated(client: Client, capfd: Captured) -> None:
    client.open("/", method="MADE-UP")
    (line,) = lines(capfd)
    assert line["method"] == "other"


@requirement("OPS-01")
def test_libraries_are_heard_from_warnings_on_and_without_their_exceptions_words(
    client: Client, capfd: Captured
) -> None:
    requests_log.configure("INFO")
    logging.getLogger("werkzeug").setLevel(logging.INFO)
    logging.getLogger("werkzeug").info("203.0.113.7 GET /v?secret")
    try:
        raise ValueError("amara@mail.example")
    except ValueError:
        logging.getLogger("a library").exception("failed")
    (line,) = lines(capfd)
    assert (line["event"], line["error"]) == ("failed", "ValueError")
    assert "amara" not in json.dumps(line)
