"""Browsers report what the policy stopped; nothing that may be secret is kept."""

import json
from typing import Any

import pytest

from portal.limits import REPORTS_PER_HOST
from tests.requirements import requirement
from tests.web.bench import Client, client_of

OLD = {
    "csp-report": {
        "document-uri": "https://help.stagelight.example/v?email=amara@mail.example#secret",
        "effective-directive": "img-src",
        "blocked-uri": "https://evil.example/pixel.gif?who=amara",
        "script-sample": "amara's secret",
    }
}
NEW = [
    {
        "type": "csp-violation",
        "url": "https://help.stagelight.example/v?secret",
        "user_agent": "a very personal browser",
        "body": {
            "documentURL": "https://help.stagelight.example/v?email=amara@mail.example",
            "effectiveDirective": "script-src-elem",
            "blockedURL": "inline",
            "sample": "amara's secret",
        },
    }
]


def send(client: Client, report: Any, kind: str = "application/reports+json", **headers: str) -> int:
    body = report if isinstance(report, bytes) else json.dumps(report).encode()
    return client.post("/r/csp", data=body, content_type=kind, headers=headers).status_code


@requirement("WEB-05")
@pytest.mark.parametrize(
    ("report", "kind", "kept"),
    [
        (OLD, "application/csp-report", {"directive": "img-src", "blocked": "https://evil.example", "page": "/v"}),
        (NEW, "application/reports+json", {"directive": "script-src-elem", "blocked": "inline", "page": "/v"}),
    ],
)
def test_a_report_is_kept_without_what_may_be_secret(
    client: Client, capfd: pytest.CaptureFixture[str], report: Any, kind: str, kept: dict[str, str]
) -> None:
    assert send(client, report, kind) == 204
    said = capfd.readouterr().err
    line = next(one for one in map(json.loads, said.splitlines()) if one["event"] == "browser report")
    assert {name: line[name] for name in kept} == kept
    assert not any(secret in said for secret in ("amara", "secret", "who=", "personal", "pixel"))


@requirement("WEB-05", "WEB-11")
def test_a_report_is_taken_wherever_the_browser_says_it_began(client: Client) -> None:
    assert send(client, NEW, **{"Sec-Fetch-Site": "cross-site"}) == 204
    assert send(client, NEW, Origin="null") == 204


@requirement("WEB-05")
def test_a_large_report_is_refused(client: Client) -> None:
    assert send(client, b"[" + b" " * 16 * 1024 + b"]") == 413


@requirement("WEB-05")
@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"7", b'"x"', b"[7]", b'{"csp-report": 7}', b"\xff"])
def test_nonsense_is_refused(client: Client, body: bytes) -> None:
    assert send(client, body) == 400


@requirement("WEB-05")
def test_a_report_full_of_wrong_types_is_kept_as_unknown(client: Client) -> None:
    wrong = [{"body": {"effectiveDirective": [1], "blockedURL": {"a": 1}, "documentURL": "http://[broken"}}]
    assert send(client, wrong) == 204


@requirement("WEB-05")
def test_other_kinds_of_content_are_refused(client: Client) -> None:
    assert send(client, NEW, "text/plain") == 415


@requirement("WEB-05")
def test_one_address_cannot_flood_the_log(client: Client) -> None:
    told = [send(client, NEW) for _ in range(REPORTS_PER_HOST.amount + 1)]
    assert told == [204] * REPORTS_PER_HOST.amount + [429]
    assert send(client_of(client.application, host="198.51.100.9"), NEW) == 204
