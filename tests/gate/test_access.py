"""Access: without a good key there is nothing to learn, and no key opens more than it is for."""

import pytest
from flask import Flask
from limits import parse

from portal.database import Database
from portal.extensions import limiter
from portal.gate.access import KNOWN_FOR
from portal.gate.keys import Scope
from portal.limits import QUESTIONS_PER_KEY, STRANGERS_PER_HOST
from portal.tokens import fresh_token
from tests.gate.bench import Caller, Locksmith
from tests.identity.bench import everything
from tests.requirements import requirement
from tests.servers.ground import StillClock

ASKED = {
    "/accounts/amara-0": {Scope.READ},
    "/changes": {Scope.CHANGES},
    "/cohort": {Scope.COHORT},
    "/openapi.json": set(Scope),
}
TOLD = {"/accounts:batch": {Scope.READ}, "/accounts/amara-0/cleared": {Scope.CLEAR}}


def statuses(caller: Caller) -> dict[str, int]:
    """What each address answers to this key."""
    told = {"/accounts:batch": {"refs": ["amara-0"]}, "/accounts/amara-0/cleared": {"epoch": 9}}
    answers = {path: caller.get(path).status_code for path in ASKED}
    return answers | {path: caller.post(path, body).status_code for path, body in told.items()}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_without_a_good_key_every_address_answers_alike(login: Caller) -> None:
    for key in ("", "gate_", f"gate_{fresh_token()}", login.key[:-1], login.key.removeprefix("gate_"), "é", "x" * 3000):
        stranger = Caller(login.client, key)
        answers = [stranger.get(f"/accounts/{name}") for name in ("amara-0", "bo-0", "nobody")]
        answers += [stranger.post("/accounts:batch", {"refs": 7}), stranger.get("/changes?limit=x")]
        assert {(one.status_code, one.content_type, one.text) for one in answers} == {
            (401, "application/problem+json", answers[0].text)
        }
        assert answers[0].headers["WWW-Authenticate"] == 'Bearer realm="gate", error="invalid_token"'
        limiter.reset()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("scope", list(Scope))
def test_a_key_is_good_for_its_scopes_only(login: Caller, locksmith: Locksmith, scope: Scope) -> None:
    told = statuses(Caller(login.client, locksmith.make(scope, name="one")))
    opened = {path for path, status in told.items() if status != 403}
    assert opened == {path for path, scopes in (ASKED | TOLD).items() if scope in scopes}
    refused = Caller(login.client, locksmith.make(scope, name="two")).get("/nowhere")
    assert (refused.status_code, refused.content_type) == (404, "application/problem+json")


def test_an_ended_key_opens_nothing_within_seconds(login: Caller, portal: Flask, clock: StillClock) -> None:
    run = portal.test_cli_runner().invoke
    assert login.get("/accounts/amara-0").status_code == 200
    said = run(args=["gate", "keys", "end", "login"])
    assert "1 key “login” ended" in said.output
    clock.moment += KNOWN_FOR
    assert login.get("/accounts/amara-0").status_code == 401
    assert run(args=["gate", "keys", "end", "login"]).exit_code == 1


def test_a_rotated_key_is_good_for_a_while_beside_the_new_one(
    login: Caller, portal: Flask, clock: StillClock, database: Database
) -> None:
    said = portal.test_cli_runner().invoke(args=["gate", "keys", "rotate", "login", "--hours", "2"])
    fresh = Caller(login.client, said.stdout.strip())
    assert {login.stands("amara-0"), fresh.stands("amara-0")} == {("must_reset", 1)}
    clock.move(hours=2)
    assert (login.get("/changes").status_code, fresh.get("/changes").status_code) == (401, 200)
    kinds = [row["kind"] for table, row in everything(database) if table == "audit_event"]
    assert [kind for kind in kinds if kind.startswith("gate:")] == ["gate:opened", "gate:rotated"]


@requirement("LNK-02")
def test_what_the_database_holds_of_a_key_opens_nothing(login: Caller, database: Database) -> None:
    rows = [row for table, row in everything(database) if table == "gate_key"]
    assert login.key.removeprefix("gate_") not in str(everything(database))
    for value in (rows[0]["digest"].hex(), str(rows[0]["id"])):
        assert Caller(login.client, f"gate_{value}").get("/changes").status_code == 401


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_keys_are_made_and_listed_at_the_keyboard(login: Caller, portal: Flask, clock: StillClock) -> None:
    run = portal.test_cli_runner().invoke
    words = ["gate", "keys", "new", "shop", "--brand", "seatswap", "--scope", "read", "--scope", "clear"]
    made = run(args=words)
    assert Caller(login.client, made.stdout.strip()).stands("amara-1") == ("must_reset", 1)
    assert "Nobody can show it again" in made.stderr
    listed = run(args=["gate", "keys", "list"])
    assert "shop  seatswap  clear read" in listed.output
    assert "2 of 2 keys are good." in listed.output
    assert made.stdout.strip() not in listed.output
    for wrong in (words, [*words[:3], "two words", *words[4:]], [*words[:3], "x", "--brand", "nowhere", *words[6:]]):
        assert run(args=wrong).exit_code == 1


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_strangers_are_stopped_and_a_log_in_at_the_same_address_is_not(login: Caller) -> None:
    stranger = Caller(login.client, f"gate_{fresh_token()}")
    told = [stranger.get("/changes").status_code for _ in range(STRANGERS_PER_HOST.amount + 3)]
    assert (told[0], told[-1]) == (401, 429)
    assert stranger.get("/changes").content_type == "application/problem+json"
    assert {login.get("/accounts/bo-0").status_code for _ in range(150)} == {200}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_whoever_asks_the_gate_alone_notices_that_the_shared_counter_is_back(
    login: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limiter, "_storage_dead", True)
    assert limiter.limiter.storage is not limiter.storage
    assert login.stands("amara-0") == ("must_reset", 1)
    assert limiter.limiter.storage is limiter.storage


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_key_may_ask_so_often_and_takes_nothing_from_another(
    login: Caller, locksmith: Locksmith, database: Database
) -> None:
    (key,) = [row for table, row in everything(database) if table == "gate_key"]
    other = Caller(login.client, locksmith.make(name="other"))
    most = parse(str(QUESTIONS_PER_KEY))
    assert limiter.limiter.hit(most, str(key["id"]), "gate keys", cost=QUESTIONS_PER_KEY.amount - 1)
    told = [login.get("/accounts/bo-0"), login.get("/changes"), other.get("/changes")]
    assert [one.status_code for one in told] == [200, 429, 200]
    assert (told[1].content_type, told[1].headers["Retry-After"]) == ("application/problem+json", "60")
