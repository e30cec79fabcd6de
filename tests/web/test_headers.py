"""Every answer carries the same policy, whatever it answers."""

import pytest

from portal.web import headers
from tests.requirements import requirement
from tests.web.bench import PLAIN, SECURE, Client, StandIn, client_of

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; manifest-src 'self'; "
    "require-trusted-types-for 'script'; trusted-types 'none'; upgrade-insecure-requests; report-uri /r/csp; "
    "report-to csp"
)
ISOLATION = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Origin-Agent-Cluster": "?1",
    "Referrer-Policy": "same-origin",
    "Integrity-Policy": "blocked-destinations=(script), endpoints=(csp)",
    "Reporting-Endpoints": 'csp="/r/csp"',
}
ANSWERS = ("/", "/private", "/nowhere", "/fail/403", "/breaks", "/away", "/healthz", "/static/0/css/brand.css")
everywhere = pytest.mark.parametrize("path", ANSWERS)


@requirement("WEB-02")
@everywhere
def test_the_policy_is_exact_and_comes_once(client: Client, path: str) -> None:
    assert client.get(path).headers.getlist("Content-Security-Policy") == [CSP]


@requirement("WEB-03")
@everywhere
def test_trusted_types_are_enforced_and_none_is_allowed(client: Client, path: str) -> None:
    policy = client.get(path).headers["Content-Security-Policy"].split("; ")
    assert "require-trusted-types-for 'script'" in policy
    assert "trusted-types 'none'" in policy


@requirement("WEB-06")
@everywhere
def test_pages_are_isolated_from_other_sites(client: Client, path: str) -> None:
    answer = client.get(path).headers
    assert {name: answer.getlist(name) for name in ISOLATION} == {name: [value] for name, value in ISOLATION.items()}


@requirement("WEB-07")
@everywhere
def test_browsers_are_told_to_stay_on_https_for_two_years(client: Client, path: str) -> None:
    told = client.get(path).headers.getlist("Strict-Transport-Security")
    assert told == ["max-age=63072000; includeSubDomains; preload"]


@requirement("WEB-06")
def test_a_foreign_host_gets_the_same_policy(client: Client) -> None:
    answer = client.get("/", base_url="https://evil.example")
    assert answer.status_code == 400
    assert answer.headers["Content-Security-Policy"] == CSP
    assert answer.headers["Cache-Control"] == "no-store"


@requirement("WEB-07")
def test_plain_http_on_this_machine_promises_no_https(hall) -> None:  # type: ignore[no-untyped-def]
    client = client_of(hall(StandIn(origins=(PLAIN,))), PLAIN)
    answer = client.get("/private").headers
    assert "Strict-Transport-Security" not in answer
    assert answer["Content-Security-Policy"] == CSP.replace(" upgrade-insecure-requests;", "")


def test_every_feature_is_off_but_writing_to_the_clipboard(client: Client) -> None:
    features = dict(one.split("=") for one in client.get("/").headers["Permissions-Policy"].split(", "))
    assert features.pop("clipboard-write") == "(self)"
    assert set(features.values()) == {"()"}
    assert set(features) == set(headers.FEATURES.split())


@requirement("OPS-10")
@everywhere
def test_no_answer_names_its_server(client: Client, path: str) -> None:
    answer = client.get(path, base_url=SECURE).headers
    assert not {"Server", "X-Powered-By", "Via"} & set(answer.keys())
