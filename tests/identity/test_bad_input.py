"""Bad input: repeated, nested, empty, endless, unreadable; each gets a clear page, and none of it a fault."""

import io
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.database import Database
from portal.sealing import KeyRing
from portal.tokens import fresh_token
from tests.identity.bench import everything, move_to
from tests.requirements import requirement
from tests.visitor import OWN, Visitor

pytestmark = pytest.mark.usefixtures("cast")

AMARA = "amara@mail.example"
FIELDS = ("public_id", "token", "code", "link")
PROOFS = ("/v", "/revoke", "/revoke/undo")
SAID: dict[str, dict[str, Any]] = {
    "an array": {"data": {"token[]": "x", "code[]": "x", "email[]": AMARA}},
    "a numbered array": {"data": {"token[0]": "x", "code[0]": "x", "email[0]": AMARA}},
    "an object": {"data": {"token[a]": "x", "code[$ne]": "", "email[$ne]": ""}},
    "JSON text": {"json": {"token": "x", "code": "x", "email": AMARA}},
    "JSON array": {"json": {"token": ["x"], "code": ["x"], "public_id": [], "link": [[]], "email": [AMARA]}},
    "JSON object": {"json": {"token": {"a": 1}, "code": {}, "public_id": {}, "link": {}, "email": {"a": AMARA}}},
    "JSON null": {"json": {"token": None, "code": None, "public_id": None, "link": None, "email": None}},
    "JSON numbers": {"json": {"token": 1, "code": 2.5, "public_id": True, "link": 10**400, "email": 1}},
    "a list of JSON": {"json": [1, [2], None]},
    "a JSON number": {"json": 7},
    "JSON nothing": {"json": None},
    "broken JSON": {"data": b'{"email": ', "content_type": "application/json"},
    "no text": {"data": b"\xff\xfe\x00", "content_type": "text/plain"},
    "nothing": {"data": b""},
    "bytes that are no text": {"data": b"token=%FF%FE&code=%ED%A0%80&email=%C0%AF", "content_type": None},
    "NUL": {"data": {"token": "\0" * 50, "code": "\0", "public_id": "a\0", "link": "\0", "email": "a\0@b.co"}},
    "ten thousand letters": {"data": dict.fromkeys((*FIELDS, "email"), "a" * 10000)},
    "other alphabets": {"data": dict.fromkeys((*FIELDS, "email"), "ａı０" * 17)},
    "lines": {"data": dict.fromkeys((*FIELDS, "email"), "a\r\nSet-Cookie: ps=1")},
    "half a form": {
        "data": b"--x\r\nContent-Disposition: form-data",
        "content_type": "multipart/form-data; boundary=x",
    },
}


def send(visitor: Visitor, path: str, **said: Any) -> int:
    """Post this to a page as a browser of ours would, and say its status."""
    if said.get("content_type", "") is None:
        said["content_type"] = "application/x-www-form-urlencoded"
    client = visitor.browser.client  # type: ignore[attr-defined]
    with client.post(path, headers=OWN, **said) as answer:
        status: int = answer.status_code
        return status


def files() -> dict[str, Any]:
    """A file in place of every field."""
    return {name: (io.BytesIO(b"amara@mail.example"), "amara.txt") for name in (*FIELDS, "email")}


@requirement("LNK-17")
@pytest.mark.parametrize("path", [*PROOFS, "/start"])
def test_whatever_is_no_proof_and_no_address_is_refused_and_never_a_fault(
    visitor: Visitor, database: Database, path: str
) -> None:
    visitor.ask(AMARA)
    visitor.letter(AMARA)
    before = [row for row in everything(database) if not row[0].startswith("audit")]
    for kind, said in SAID.items():
        assert (kind, send(visitor, path, **said)) == (kind, 400)
    assert send(visitor, path, data=files()) == 400
    assert send(visitor, path, data={"email": "a" * 70_000}) == 413
    assert [row for row in everything(database) if not row[0].startswith("audit")] == before


@requirement("LNK-17")
@pytest.mark.parametrize("field", FIELDS)
def test_a_repeated_field_is_refused_even_if_one_of_them_is_right(visitor: Visitor, field: str) -> None:
    visitor.ask(AMARA)
    letter = visitor.letter(AMARA)
    right = {"public_id": letter.public_id, "token": letter.token, "code": letter.code, "link": letter.link}
    assert visitor.post("/v", {**right, field: [right[field], right[field]]}).status == 400
    assert visitor.post("/v", {**right, field: [right[field], ""]}).status == 400
    assert visitor.follow(letter).location == "/status"


@requirement("LNK-17")
def test_two_addresses_in_one_question_are_refused(visitor: Visitor, database: Database) -> None:
    assert visitor.post("/start", {"email": [AMARA, "mallory@evil.example"]}).status == 400
    assert [table for table, _ in everything(database) if table == "link_request"] == []


@requirement("LNK-17")
@pytest.mark.parametrize("typed", ["amara", "amara@mail", 'a"<b>@mail.example', "a" * 10_000 + "@mail.example"])
def test_an_address_with_a_fault_comes_back_with_what_was_typed(visitor: Visitor, typed: str) -> None:
    answer = visitor.post("/start", {"email": typed})
    assert (answer.status, answer.cookies) == (400, [])
    kept = typed.replace('"', "&#34;").replace("<", "&lt;").replace(">", "&gt;")
    assert f'value="{kept}"' in answer.text
    assert "like name@example.com" in answer.text
    assert 'href="#email"' in answer.text


TEXTS = st.one_of(st.text(max_size=80), st.text(alphabet="0123456789abcdefghijklmnopqrstuvwxyz.#%-", max_size=90))


@requirement("LNK-17")
def test_no_text_is_a_fault(visitor: Visitor) -> None:
    number = iter(range(10_000))

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    @given(st.fixed_dictionaries(dict.fromkeys((*FIELDS, "email"), TEXTS)), st.sampled_from((*PROOFS, "/start")))
    def send_anything(said: dict[str, str], path: str) -> None:
        move_to(visitor, next(number))
        assert send(visitor, path, data=said) in ((303, 400) if path == "/start" else (400,))

    send_anything()


@requirement("SES-12")
@pytest.mark.parametrize(
    "cookies",
    [
        "ps",
        "=",
        ";;;",
        'ps="',
        "ps=\\000; rq=\\377",
        "ps=" + "a" * 8000,
        "rq=\u00e4; ps=\u00e4",
        "ps=a; ps=b; rq=c; rq=d",
    ],
)
def test_a_cookie_that_cannot_be_read_is_nobodys(portal: Flask, cookies: str) -> None:
    client = portal.test_client(use_cookies=False)
    said = {**OWN, "Cookie": cookies}
    assert client.get("/status", headers=said).location == "/"
    assert client.get("/leave", headers=said).status_code == 200
    assert client.post("/leave", headers=said).location == "/"
    assert client.post("/v", headers=said, data={"code": "7K3M-9QTX"}).status_code == 400
    assert client.post("/start", headers=said, data={"email": AMARA}).status_code == 303


@requirement("SES-12")
def test_a_link_under_a_key_that_was_retired_is_refused(visitor: Visitor, portal: Flask) -> None:
    visitor.ask(AMARA)
    letter = visitor.letter(AMARA)
    portal.extensions["portal"].keys = KeyRing({2: fresh_token()[:32].encode()}, 2)
    assert visitor.follow(letter, code=letter.code).status == 400
    stop = {"public_id": letter.public_id, "token": letter.stop_token, "code": letter.code}
    assert visitor.post("/revoke", stop).status == 400
