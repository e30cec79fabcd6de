"""Trouble with the store: the page is honest about what is not known, and the duty stays until the store has spoken."""

import pytest
from flask import Flask

from portal.config import HalfConfigured
from portal.database import Database
from portal.reset.stores import STORES
from portal.reset.stores.database import DatabaseStore
from portal.sealing import KeyRing
from tests.cast import EMRE
from tests.identity.bench import everything
from tests.requirements import requirement
from tests.reset.bench import NEW, OTHER, Shown, credential, form_on, open_ones, set_password
from tests.reset.line import BROKEN, BUSY, DONE_BUT_SILENT, SILENT, Line, Script, away_at
from tests.servers.app import MakePortal
from tests.servers.ground import StillClock
from tests.visitor import Answer, Visitor

EMRES, UNKNOWN = 3, "We do not know whether that worked"


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> Script:
    """What the line to the store does next."""
    script = Script()
    monkeypatch.setitem(STORES, "line", lambda *ground: Line(DatabaseStore.of(*ground), script))
    return script


@pytest.fixture
def portal(make_portal: MakePortal, script: Script) -> Flask:
    """An application whose store is at the other end of a line."""
    return make_portal(hashing="surge", store="line")


def events(database: Database) -> list[str]:
    """What the trail says of resets."""
    told = [row["kind"] for table, row in everything(database) if table == "audit_event"]
    return [kind for kind in told if kind.startswith("reset:") and kind != "reset:owed"]


def is_honest(answer: Answer, words: str) -> bool:
    """Whether this is a page that says so, and when to try again, and has no password in it."""
    when = answer.headers.get("Retry-After")
    return (answer.status, when) == (503, "60") and words in answer.text and NEW not in answer.text


@requirement("RST-01")
def test_without_an_answer_nothing_is_called_done(
    emre: Visitor, script: Script, database: Database, keys: KeyRing
) -> None:
    before, letters = credential(database, keys, EMRE).password_hash, len(emre.mailbag("emre@mail.example"))
    script.misbehave("set_password", SILENT)
    answer = set_password(emre, NEW)
    assert is_honest(answer, UNKNOWN)
    assert (open_ones(database), events(database)) == (EMRES, ["reset:uncertain"])
    assert emre.get("/next").location == "/password"
    emre.work()
    assert (open_ones(database), len(emre.mailbag("emre@mail.example"))) == (EMRES, letters)
    assert credential(database, keys, EMRE).password_hash == before
    assert form_on(answer).send(emre, NEW).location == "/next"
    assert (emre.get("/next").location, open_ones(database)) == ("/code", EMRES - 1)


@requirement("RST-01")
def test_what_was_done_without_an_answer_is_found_out_later(emre: Visitor, script: Script, database: Database) -> None:
    script.misbehave("set_password", DONE_BUT_SILENT)
    answer = set_password(emre, NEW)
    assert is_honest(answer, UNKNOWN)
    assert open_ones(database) == EMRES
    emre.work()
    assert (open_ones(database), events(database)) == (EMRES - 1, ["reset:uncertain", "reset:needless"])
    revoked = [
        row["state"] for table, row in everything(database) if table == "store_operation" and row["kind"] == "revoke"
    ]
    assert revoked == ["DONE"]
    assert form_on(answer).send(emre, NEW).location == "/next"
    assert emre.get("/next").location == "/code"


@requirement("RST-01")
def test_a_store_that_does_not_answer_a_question_is_not_told_anything(
    emre: Visitor, script: Script, database: Database, keys: KeyRing
) -> None:
    before, form = credential(database, keys, EMRE).password_hash, form_on(emre.get("/password"))
    script.misbehave("find", SILENT, SILENT)
    assert is_honest(emre.get("/password"), "Nothing was changed.")
    assert is_honest(form.send(emre, NEW), "Nothing was changed.")
    assert credential(database, keys, EMRE).password_hash == before
    assert emre.get("/status").status == 200
    assert form.send(emre, NEW).location == "/next"


@requirement("RST-01")
def test_an_unforeseen_fault_is_no_success(emre: Visitor, script: Script, database: Database) -> None:
    script.misbehave("set_password", BROKEN)
    answer = set_password(emre, NEW)
    assert answer.status == 500
    assert NEW not in answer.text
    assert "quotes a password" not in answer.text
    assert open_ones(database) == EMRES


@requirement("RST-01")
@pytest.mark.parametrize("written", [True, False])
def test_a_database_that_breaks_off_while_it_is_set_leaves_the_duty(
    emre: Visitor, database: Database, written: bool
) -> None:
    form = form_on(emre.get("/password"))
    with away_at(database, "UPDATE credential", *([] if written else ["INSERT INTO audit_event"])):
        assert is_honest(form.send(emre, NEW), UNKNOWN)
    assert events(database) == ["reset:uncertain"] * written
    assert open_ones(database) == EMRES
    assert form.send(emre, NEW).location == "/next"


@requirement("RST-01")
def test_what_cannot_be_written_down_after_the_store_said_yes_is_not_called_done(
    emre: Visitor, database: Database
) -> None:
    form = form_on(emre.get("/password"))
    with away_at(database, "INSERT INTO letter"):
        assert is_honest(form.send(emre, NEW), UNKNOWN)
    assert open_ones(database) == EMRES
    emre.work()
    assert form.send(emre, NEW).location == "/next"
    assert (emre.get("/next").location, open_ones(database)) == ("/code", EMRES - 1)


@requirement("PWD-07")
def test_being_asked_to_wait_costs_no_try(emre: Visitor, script: Script, database: Database) -> None:
    script.misbehave("set_password", *[BUSY] * 7)
    form = form_on(emre.get("/password"))
    for _ in range(7):
        answer = form.send(emre, NEW)
        assert is_honest(answer, "Nothing was changed. Please try again in a minute.")
    assert events(database) == []
    assert form_on(answer) == Shown(form_on(answer).token, form.account)
    assert form_on(answer).send(emre, NEW).location == "/next"


@requirement("PWD-07")
def test_the_sixth_try_of_a_visit_in_ten_minutes_is_refused(emre: Visitor, clock: StillClock) -> None:
    for _ in range(5):
        assert set_password(emre, "short").status == 400
    assert set_password(emre, NEW).status == 429


@requirement("RST-01")
def test_orders_stay_queued_until_the_store_has_answered(
    emre: Visitor, script: Script, database: Database, keys: KeyRing, clock: StillClock
) -> None:
    set_password(emre, NEW)
    script.misbehave("revoke", SILENT)
    emre.work()
    emre.work()  # not before its pause has ended
    states = [row["state"] for table, row in everything(database) if table == "store_operation"]
    assert sorted(states) == ["DONE"] * EMRES + ["QUEUED"]
    clock.move(seconds=31)
    emre.work()
    states = [row["state"] for table, row in everything(database) if table == "store_operation"]
    assert sorted(states) == ["DONE"] * (EMRES + 1)


def test_a_store_that_nobody_knows_stops_the_start(make_portal: MakePortal) -> None:
    with pytest.raises(HalfConfigured, match="there is no store “parchment”; there are cognito, database, keycloak"):
        make_portal(store="parchment")


def test_a_password_that_was_overtaken_leads_on(emre: Visitor, database: Database) -> None:
    form = form_on(emre.get("/password"))
    assert form.send(emre, NEW).location == "/next"
    assert form.send(emre, OTHER).location == "/next"
    assert open_ones(database) == EMRES - 1
