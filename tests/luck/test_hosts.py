"""Whom a request asks for, over a real socket: whoever does not ask for us gets nothing of ours."""

import pytest

from tests.luck.wire import ask, stranger
from tests.requirements import requirement

EVIL = "evil.example"


def spoken(port: int, first: str, *hosts: str) -> bytes:
    """A request by hand: `{us}` stands for our own address."""
    lines = [first, *(f"Host: {host}" for host in hosts), f"X-Forwarded-For: {stranger()}"]
    return ("\r\n".join(lines) + "\r\n\r\n").replace("{us}", f"127.0.0.1:{port}").encode()


@requirement("LNK-21")
@pytest.mark.parametrize(
    ("first", "hosts"),
    [
        ("GET / HTTP/1.1", [EVIL]),
        ("GET / HTTP/1.1", []),
        ("GET / HTTP/1.0", []),
        ("GET / HTTP/1.1", [""]),
        ("GET / HTTP/1.1", ["127.0.0.1"]),
        ("GET / HTTP/1.1", ["{us}", EVIL]),
        ("GET / HTTP/1.1", [EVIL, "{us}"]),
        ("GET / HTTP/1.1", ["{us}", "{us}"]),
        ("GET / HTTP/1.1", ["{us}, evil.example"]),
        ("GET / HTTP/1.1", ["{us}@evil.example"]),
        ("GET / HTTP/1.1", ["{us}/"]),
        ("GET / HTTP/1.1", ["[::1]"]),
        (f"GET http://{EVIL}/ HTTP/1.1", ["{us}"]),
        (f"GET http://{EVIL}/ HTTP/1.1", [EVIL]),
        ("GET http://{us}/ HTTP/1.1", [EVIL]),
        (f"GET http://{{us}}@{EVIL}/ HTTP/1.1", ["{us}"]),
        (f"GET {EVIL}:80 HTTP/1.1", ["{us}"]),
        ("POST /start HTTP/1.1", [EVIL]),
    ],
)
def test_a_request_that_is_not_for_us_is_refused_and_told_nothing(port: int, first: str, hosts: list[str]) -> None:
    told = ask(port, spoken(port, first, *hosts))
    assert told.status in (400, 421)
    assert "Stagelight" not in told.text
    assert EVIL not in told.head.decode() + told.text
    assert told.first("Cache-Control") == "no-store"


@requirement("LNK-21")
@pytest.mark.parametrize("first", ["GET / HTTP/1.1", "GET / HTTP/1.0", "GET http://{us}/ HTTP/1.1"])
def test_a_request_for_us_is_answered(port: int, first: str) -> None:
    told = ask(port, spoken(port, first, "{us}"))
    assert told.status == 200
    assert "Stagelight" in told.text


@requirement("LNK-21")
@pytest.mark.parametrize("first", [f"GET //{EVIL}/faq HTTP/1.1", f"CONNECT {EVIL}:443 HTTP/1.1", "OPTIONS * HTTP/1.1"])
def test_a_request_for_no_page_leads_nowhere(port: int, first: str) -> None:
    told = ask(port, spoken(port, first, "{us}"))
    assert told.status in (404, 405)
    assert EVIL not in told.head.decode() + told.text


@requirement("LNK-20")
@pytest.mark.parametrize(
    "forged",
    [
        "SCRIPT_NAME: /evil",
        "PATH_INFO: /faq",
        "X-Forwarded-Prefix: /evil",
        "X-Script-Name: /evil",
        f"X-Forwarded-Host: {EVIL}",
        "X-Forwarded-Proto: https\r\nX-Forwarded-Ssl: off",
        "X-HTTP-Method-Override: POST",
        "X-Original-URL: /evil",
    ],
)
def test_no_header_chooses_our_paths(port: int, forged: str) -> None:
    plain = ask(port, spoken(port, "GET / HTTP/1.1", "{us}"))
    told = ask(port, spoken(port, "GET / HTTP/1.1", "{us}\r\n" + forged))
    assert (told.status, told.body) == (200, plain.body)
