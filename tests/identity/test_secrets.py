"""Secrets: long enough, minted once, nowhere stored in a form that opens anything, and compared without a clock."""

import ast
import base64
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest
from flask import Flask

from portal import tokens
from portal.database import Database
from portal.identity import proofs, stops, visits
from portal.identity.proofs import Proof, ProofRefused
from portal.sealing import KeyRing
from tests.house.sources import Source, portal
from tests.identity.bench import cookie, everything, traced
from tests.requirements import requirement
from tests.servers.ground import StillClock
from tests.visitor import Visitor

AMARA = "amara@mail.example"
MAKERS = {tokens.fresh_token: (50, tokens.ALPHABET, 100_000), tokens.fresh_public_id: (20, tokens.ALPHABET, 10_000)}


@requirement("LNK-01")
@pytest.mark.parametrize("make", MAKERS, ids=lambda make: make.__name__)
def test_a_secret_has_its_length_and_alphabet_and_never_comes_twice(make: Callable[[], str]) -> None:
    length, alphabet, times = MAKERS[make]
    made = {make() for _ in range(times)}
    assert len(made) == times
    assert {len(one) for one in made} == {length}
    assert set().union(*made) == set(alphabet)


@requirement("LNK-01")
def test_a_token_has_256_bits_and_a_code_40() -> None:
    assert len(tokens.ALPHABET) ** tokens.TOKEN_LENGTH > 2**256
    assert len(set(tokens.CROCKFORD)) ** tokens.CODE_LENGTH == 2**40
    codes = [tokens.fresh_code() for _ in range(20_000)]
    assert {len(code) for code in codes} == {8}
    assert set("".join(codes)) == set(tokens.CROCKFORD)
    assert len(set(codes)) >= len(codes) - 2  # of 40 bits, two of so many may be the same


@requirement("LNK-01")
def test_chance_that_can_be_guessed_makes_no_secret() -> None:
    guess = [source.name for source in portal() if "random" in set(source.imports())]
    assert set(guess) <= {
        "portal/mail/worker.py",
        "portal/reset/operations.py",
        "portal/reset/stores/guarding.py",
        "portal/dev/people.py",
        "portal/dev/codes.py",
    }  # trying again; made-up data
    assert "secrets" in set(next(source for source in portal() if source.name == "portal/tokens.py").imports())


@requirement("LNK-01")
@pytest.mark.usefixtures("cast")
def test_what_goes_out_has_these_lengths(visitor: Visitor) -> None:
    visitor.ask(AMARA)
    letter = visitor.letter(AMARA)
    asked = cookie(visitor, "rq")
    visitor.follow(letter)
    secrets = [asked, cookie(visitor, "ps"), letter.token, letter.stop_token]
    assert all(tokens.is_token(secret or "") for secret in secrets)
    assert len(set(secrets)) == 4
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}", letter.code)


def spellings(value: Any) -> Iterator[str]:
    """A stored value in every form that a thief would try."""
    if isinstance(value, bytes):
        yield from (value.hex(), value.hex().upper(), value.decode("latin-1"), value.hex()[:50], value.hex()[:8])
        yield from (base64.b64encode(value).decode(), base64.urlsafe_b64encode(value).decode().rstrip("="))
    elif isinstance(value, UUID):
        yield from (str(value), value.hex)
    elif isinstance(value, str):
        yield value


@requirement("LNK-02")
@requirement("SES-03")
@pytest.mark.usefixtures("cast")
def test_nothing_that_is_stored_is_accepted_as_a_proof(
    visitor: Visitor, another_visitor: Visitor, database: Database, keys: KeyRing, clock: StillClock
) -> None:
    another_visitor.arrive("bo@mail.example")
    visitor.ask(AMARA)
    letter = visitor.letter(AMARA)
    loot = {one for _, row in everything(database) for value in row.values() for one in spellings(value)}
    assert {letter.public_id} <= loot
    assert not loot & {letter.token, letter.code.replace("-", ""), letter.stop_token, cookie(visitor, "rq")}
    with database.read() as session:
        for one in loot:
            proof = Proof(cookie=one, public_id=letter.public_id, token=one, code=one)
            for act in (proofs.consume, stops.stop):
                with pytest.raises(ProofRefused):
                    act(session, keys, proof, now=clock())
                session.rollback()
            with suppress(ValueError):
                assert visits.find(session, keys, one, now=clock()) is None
    assert visitor.follow(letter).location == "/status"


@requirement("LNK-02")
@pytest.mark.usefixtures("cast")
def test_no_secret_is_told_to_the_database(visitor: Visitor, another_visitor: Visitor, database: Database) -> None:
    with traced(database) as heard:
        visitor.ask(AMARA)
        asked = cookie(visitor, "rq") or ""
        letter = visitor.letter(AMARA)
        another_visitor.follow(letter)
        visitor.follow(letter, code=letter.code)
        visitor.get("/status")
    told = repr(heard)
    assert "INSERT INTO visit " in told
    secrets = (asked, letter.token, letter.stop_token, letter.code.replace("-", ""), cookie(visitor, "ps") or "")
    assert [secret for secret in (*secrets, "amara@") if secret in told] == []


@requirement("LNK-05")
@pytest.mark.usefixtures("cast")
def test_no_line_of_the_log_holds_a_secret_or_an_address(
    visitor: Visitor, another_visitor: Visitor, portal: Flask, capsys: pytest.CaptureFixture[str]
) -> None:
    visitor.ask(AMARA)
    asked = cookie(visitor, "rq") or ""
    letter = visitor.letter(AMARA)
    another_visitor.follow(letter)
    another_visitor.post("/revoke", {"link": letter.stop_link, "code": "7K3M-9QTX"})
    visitor.get(f"/v?{letter.public_id}.{letter.token}", Referer=letter.link)
    visitor.follow(letter)
    visitor.get("/status")
    told = capsys.readouterr().err
    assert told.count('"endpoint": "identity.prove"') == 2
    secrets = (asked, letter.token, letter.stop_token, letter.code, letter.code.replace("-", ""), letter.public_id)
    assert [secret for secret in (*secrets, cookie(visitor, "ps") or "", "amara", "127.0.0") if secret in told] == []


# Comparisons that stop at the first difference, of what might be secret; rows are compared by MACs under our key.
MIGHT_BE_SECRET = {
    "token",
    "code",
    "cookie",
    "stop",
    "key",
    "given",
    "brought",
    "password",
    "mac",
    "digest",
    "signature",
}
PUBLIC = {"held.digest != digest"}  # of a file that we serve to all


def hasty(source: Source) -> list[str]:
    """What a file compares in a time that may tell something."""
    found = []
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.NotEq):
            sides = [node.left, *node.comparators]
            words = (ast.unparse(side).rpartition(".")[2].removeprefix("status_code") for side in sides)
            names = {word.rpartition("_")[2] for word in words}
            in_sql = any(ast.unparse(side)[0].isupper() or ".expression" in ast.unparse(side) for side in sides)
            found += [ast.unparse(node)] if names & MIGHT_BE_SECRET and not in_sql else []
    return found


@requirement("LNK-25")
def test_secrets_are_compared_in_constant_time() -> None:
    rooms = ("portal/identity/", "portal/web/", "portal/incident/", "portal/journey/", "portal/t", "portal/s")
    found = {source.name: hasty(source) for source in portal() if source.name.startswith(rooms)}
    assert {name: what for name, what in found.items() if set(what) - PUBLIC} == {}


@requirement("LNK-25")
@pytest.mark.usefixtures("cast")
def test_what_python_compares_is_compared_by_hmac(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[object, ...]] = []
    once = proofs.hmac.compare_digest
    monkeypatch.setattr(proofs.hmac, "compare_digest", lambda *both: compared.append(both) or once(*both))
    visitor.ask(AMARA)
    letter = visitor.letter(AMARA)
    visitor.type_code(letter)
    assert visitor.follow(letter).location == "/status"
    assert compared
    assert {len(side) for both in compared for side in both} <= {32, 20, 27}  # type: ignore[arg-type]
