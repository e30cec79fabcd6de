"""Bodies over a real socket: long, repeated, strange, broken or slow, each gets a clear answer and never a fault."""

import json
from contextlib import ExitStack
from time import monotonic
from urllib.parse import quote

import pytest

from portal.web.bodies import LARGEST_BYTES
from tests.luck.wire import Line, ask, get, post, sent
from tests.requirements import requirement

GOOD = b"email=amara%40mail.example"
PAGES = ("/start", "/v", "/revoke", "/revoke/undo", "/leave", "/again")
PART = '--edge\r\nContent-Disposition: form-data; name="email"{more}\r\n\r\namara@mail.example\r\n--edge--\r\n'
MULTIPART = "multipart/form-data; boundary=edge"
JSON = "application/json"

STRANGE = {
    "nothing": b"",
    "repeated": GOOD + b"&" + GOOD + b"&token=a&token=b&code=a&code=b&public_id=a&public_id=b",
    "an array": b"email[]=a&token[]=b&code[0]=c&public_id[]=d",
    "an object": b"email[a]=b&token[$ne]=x&code.x=1",
    "a NUL": b"email=amara%00%40mail.example&token=%00&public_id=%00&code=%00&link=%00",
    "a raw NUL": b"email=\0&token=\0&code=\0",
    "10 kB": b"email=" + b"a" * 10_000 + b"%40mail.example&token=" + b"b" * 10_000 + b"&code=" + b"c" * 10_000,
    "not UTF-8": b"email=%ff%fe%40%ff&token=%ff&code=%80&link=%c3%28&public_id=\xff",
    "broken percent": b"email=%&token=%z&code=%1",
    "surrogates": b"email=%ed%a0%80%40%ed%a0%80&code=%ed%a0%80&token=%ed%a0%80",
    "line breaks": b"email=a%0d%0aBcc%3a+b%40mail.example%40mail.example&code=%0d%0a",
    "right to left": quote("email=\u202eamara@mail.example&code=\u202e", safe="=&").encode(),
    "digits of the world": quote("code=٠١٢٣-٤٥٦٧&token=" + "०" * 50, safe="=&").encode(),
    "5,000 fields": b"&".join(b"f%d=1" % number for number in range(5_000)),
    "only signs": b"&=&=&;=;%26",
    "a csrf token": b"csrf_token=%00%ff&csrf_token=2",
}


@requirement("LNK-17")
@pytest.mark.parametrize("path", PAGES)
def test_a_strange_body_gets_a_clear_answer_on_every_page(port: int, path: str) -> None:
    told = {name: ask(port, sent(port, path, body)).status for name, body in STRANGE.items()}
    assert set(told.values()) <= ({303} if path in ("/leave", "/again") else {400}), told


@requirement("LNK-17")
@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize(
    ("kind", "body"),
    [
        (JSON, json.dumps({"email": "amara@mail.example", "token": "a", "csrf_token": "b"})),
        (JSON, json.dumps({"email": {"$ne": ""}, "token": [1], "code": None, "public_id": 7})),
        (JSON, "[1, 2]"),
        (JSON, "{broken"),
        ("text/plain", "email=amara@mail.example"),
        ("", "email=amara@mail.example"),
        ("\u00e9/\u00e9; charset=\u00e9", "email=amara@mail.example"),
        (MULTIPART, PART.format(more='; filename="a"')),
        (MULTIPART, PART.format(more="; filename*=UTF-16''%ff")),
        (MULTIPART, PART.format(more="").replace("--edge--", "") * 2),
        (MULTIPART, "--edge\r\n" * 2_000),
        (MULTIPART, "--edge"),
        ("multipart/form-data", "no edge"),
    ],
)
def test_a_body_of_another_kind_is_no_form(port: int, path: str, kind: str, body: str) -> None:
    told = ask(port, sent(port, path, body.encode(), Content_Type=kind))
    assert told.status in ({303} if path in ("/leave", "/again") else {400, 413})
    assert told.first("Location") in ("", "/")


@requirement("LNK-17")
@pytest.mark.parametrize("charset", ["utf-16", "utf-7", "idna", "no-such", "latin-1"])
def test_a_form_is_read_as_utf_8_whatever_it_says(port: int, charset: str) -> None:
    kind = f"application/x-www-form-urlencoded; charset={charset}"
    assert ask(port, sent(port, "/start", GOOD, Content_Type=kind)).first("Location") == "/sent"


@requirement("LNK-17", "USE-05")
def test_what_was_typed_is_kept_where_it_cannot_be_read(port: int) -> None:
    typed = ask(port, post(port, "/start", {"email": "amara at mail"}))
    assert (typed.status, "amara at mail" in typed.text) == (400, True)


@requirement("LNK-17")
@pytest.mark.parametrize("path", [*PAGES, "/r/csp", "/nowhere"])
def test_a_body_of_a_megabyte_is_refused_before_it_is_read(port: int, path: str) -> None:
    for kind in ("application/x-www-form-urlencoded", MULTIPART, "application/csp-report"):
        assert ask(port, sent(port, path, b"e" * (1 << 20), Content_Type=kind)).status == 413
    announced = sent(port, path, b"").replace(b"Content-Length: 0", b"Content-Length: 1099511627776")
    assert ask(port, announced).status == 413
    assert ask(port, sent(port, path, b"e" * (LARGEST_BYTES + 1))).status == 413


@requirement("LNK-17")
@pytest.mark.parametrize("chunks", [b"1a\r\n" + GOOD + b"\r\n0\r\n\r\n", b"zz\r\n", b"-1\r\n\r\n", b"ffffffffff\r\n"])
@pytest.mark.parametrize("path", PAGES)
def test_a_body_without_a_measure_is_refused(port: int, path: str, chunks: bytes) -> None:
    head, _, _ = sent(port, path, b"", Transfer_Encoding="chunked").rpartition(b"\r\nContent-Length: 0\r\n\r\n")
    assert ask(port, head + b"\r\n\r\n" + chunks).status == 411


@requirement("LNK-17")
def test_a_body_that_comes_too_slowly_is_refused_and_holds_nobody_up(port: int) -> None:
    began = monotonic()
    with ExitStack() as opened:
        lines = [opened.enter_context(Line(port)) for _ in range(16)]  # twice as many as there are threads
        for line in lines:
            line.send(sent(port, "/start", GOOD)[:-8])
        assert ask(port, get(port)).status == 200
        assert {line.answer().status for line in lines} == {400}
    assert monotonic() - began < 20


@requirement("LNK-17")
def test_half_a_form_is_not_taken_for_a_whole_one(port: int) -> None:
    with Line(port) as line:
        line.send(sent(port, "/start", GOOD + b"x")[:-1])
        line.hush()
        assert line.answer().status == 400


@requirement("LNK-17")
def test_a_form_that_comes_with_a_get_changes_nothing(port: int) -> None:
    body = b"lang=nl&email=amara%40mail.example&token=" + b"a" * 50
    told = ask(port, sent(port, "/", body).replace(b"POST", b"GET", 1))
    assert (told.status, told.body) == (200, ask(port, get(port)).body)
