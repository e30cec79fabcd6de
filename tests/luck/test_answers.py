"""Answers as they go over the wire: who may keep them, what they say of us, and whom they are for."""

import json

import pytest

from portal.database import Database
from portal.sealing import KeyRing
from tests.luck.ready import letters
from tests.luck.wire import Line, Told, ask, get, post, sent, stranger
from tests.requirements import requirement
from tests.servers.processes import Install, Installation
from tests.visitor import TOKEN

INFORMATION = ("/", "/faq", "/updates", "/real-messages", "/help", "/sent", "/v", "/revoke")
OTHERS = ("/leave", "/status", "/nowhere", "/healthz", "/readyz", "/r/csp")
FOREIGN = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": "no-cors", "Sec_Fetch_Dest": "image"}
REPORT = {"csp-report": {"document-uri": "http://us/v?canary#canary", "effective-directive": "img-src"}}


@pytest.fixture
def visit(install: Install, database: Database, keys: KeyRing) -> tuple[int, str]:
    """A portal's port and the cookie of a visit there."""
    (letter,) = letters(database, keys, 1)
    installation = install(trusted_proxies=1)
    installation.web()
    proof = {"public_id": letter.public_id, "token": letter.token}
    proved = ask(installation.port, post(installation.port, "/v", proof, Cookie=f"rq={letter.cookie}"))
    (cookie,) = [one.partition(";")[0] for one in proved.all("Set-Cookie") if one.startswith("ps=")]
    assert may_be_kept_by_nobody(proved)
    return installation.port, cookie


def may_be_kept_by_nobody(told: Told) -> bool:
    """Whether no cache of RFC 9111 may keep this answer, nor one that looks at Vary only give it to another."""
    return told.all("Cache-Control") == ["no-store"] and told.all("Vary") == ["Cookie"]


@requirement("SES-10")
def test_no_answer_of_a_visit_may_be_kept(visit: tuple[int, str]) -> None:
    port, cookie = visit
    with Line(port) as line:

        def page(request: bytes) -> Told:
            line.send(request)
            return line.answer()

        answer = page(get(port, "/status", Cookie=cookie))
        assert answer.status == 200
        found = TOKEN.search(answer.text)
        assert found
        token = found.group(1) or found.group(2)
        acts = [post(port, path, {"csrf_token": "wrong"}, Cookie=cookie) for path in ("/again", "/leave")]
        acts += [post(port, path, {"csrf_token": token}, Cookie=cookie) for path in ("/again", "/leave")]
        seen = [answer, page(get(port, "/leave", Cookie=cookie)), *map(page, acts)]
    assert [one.status for one in seen] == [200, 200, 403, 403, 303, 303]
    assert [one.head for one in seen if not may_be_kept_by_nobody(one)] == []


@requirement("SES-10")
def test_what_caches_may_keep_is_the_same_for_everybody_and_sets_no_cookie(visit: tuple[int, str]) -> None:
    port, cookie = visit
    for path in INFORMATION:
        theirs, nobodys = ask(port, get(port, path, Cookie=cookie)), ask(port, get(port, path))
        assert theirs.all("Cache-Control") == ["public, max-age=300"]
        assert (theirs.all("Vary"), theirs.all("Set-Cookie")) == (["Accept-Language"], [])
        assert theirs.body == nobodys.body


@requirement("SES-10")
@pytest.mark.parametrize("path", OTHERS)
def test_everything_else_may_be_kept_by_nobody(port: int, path: str) -> None:
    for request in (get(port, path), post(port, path, {"csrf_token": "x"})):
        assert may_be_kept_by_nobody(ask(port, request))


@requirement("SES-10")
@pytest.mark.parametrize("asked", ["lang=xx", "lang=../../x", "lang=", "utm=<script>", "%0d%0aX:y", "lang=xx&lang=en"])
def test_nothing_in_a_query_reaches_a_page_that_caches_keep(port: int, asked: str) -> None:
    told = ask(port, get(port, f"/?{asked}"))
    assert (told.status, told.body) == (200, ask(port, get(port, "/")).body)


@requirement("OPS-10")
@pytest.mark.parametrize(
    "raw",
    [
        b"TRACE / HTTP/1.1\r\nHost: {us}\r\nX-Canary: canary\r\n\r\n",
        b"TRACK / HTTP/1.1\r\nHost: {us}\r\nX-Canary: canary\r\n\r\n",
        b"CANARY / HTTP/1.1\r\nHost: {us}\r\n\r\n",
        b"canary / HTTP/1.1\r\nHost: {us}\r\n\r\n",
        b"GET /canary HTTP/1.1\r\nHost: {us}\r\n\r\n",
        b"GET /\xffcanary HTTP/1.1\r\nHost: {us}\r\n\r\n",
        b"GET /%ff%00canary HTTP/1.1\r\nHost: {us}\r\n\r\n",
        b"GET / HTTP/9.canary\r\nHost: {us}\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: {us}\r\nCanary : canary\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: {us}\r\nX: y\r\n canary\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: {us}\r\nExpect: canary\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: {us}\r\nX-Canary: " + b"canary" * 2_000 + b"\r\n\r\n",
        b"GET /?" + b"canary" * 1_000 + b" HTTP/1.1\r\nHost: {us}\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: {us}\r\n" + b"X-Canary: canary\r\n" * 100 + b"\r\n",
        b"POST /start HTTP/1.1\r\nHost: {us}\r\nContent-Length: canary\r\n\r\n",
        b"\x16\x03\x01canary\r\n\r\n",
    ],
)
def test_what_we_cannot_read_is_refused_without_repeating_it_or_naming_the_server(
    site: Installation, port: int, raw: bytes
) -> None:
    told = ask(port, raw.replace(b"{us}", b"127.0.0.1:%d\r\nX-Forwarded-For: %s" % (port, stranger().encode())))
    assert 400 <= told.status < 500 or told.status == 501
    assert "canary" not in (told.head + told.body).decode().lower()
    assert not [name for name, _ in told.headers if name.lower() in ("server", "x-powered-by", "via")]
    assert told.first("Content-Security-Policy").startswith("default-src 'none'")
    assert "gunicorn" not in (told.head + told.body).decode().lower()
    assert "canary" not in site.processes[0].log().lower()


@requirement("OPS-10")
@pytest.mark.parametrize("path", ["/console", "/debug", "/?__debugger__=yes&cmd=resource", "/.git/config"])
def test_there_is_no_window_to_our_inner_workings(port: int, path: str) -> None:
    told = ask(port, get(port, path))
    assert told.status in (200, 404)
    assert not [word for word in ("werkzeug", "debugger", "traceback") if word in told.text.lower()]


@requirement("WEB-11")
def test_what_another_site_begins_is_refused_but_for_opening_a_page(port: int) -> None:
    opening = FOREIGN | {"Sec_Fetch_Mode": "navigate", "Sec_Fetch_Dest": "document"}
    assert ask(port, get(port, "/", **opening)).status == 200
    assert ask(port, get(port, "/", **FOREIGN)).status == 403
    assert ask(port, get(port, "/leave", **FOREIGN | {"Sec_Fetch_Site": "same-site"})).status == 403
    for path in ("/start", "/v", "/revoke", "/leave", "/again"):
        assert ask(port, post(port, path, {"email": "amara@mail.example"}, **opening)).status == 403


@requirement("WEB-05", "WEB-11")
def test_reports_are_taken_from_anywhere_few_and_without_secrets(site: Installation, port: int) -> None:
    host = stranger()
    report = {"Content_Type": "application/csp-report", **FOREIGN, "X_Forwarded_For": host}
    told = [ask(port, sent(port, "/r/csp", json.dumps(REPORT).encode(), **report)).status for _ in range(25)]
    assert (told[0], told[-1]) == (204, 429)
    assert '"event": "browser report"' in site.processes[0].log()
    assert "canary" not in site.processes[0].log()
