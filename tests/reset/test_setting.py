"""Setting a new password, from the form to the store, and all that follows from it."""

import re

import pytest
from flask import Flask

from portal.database import Database
from portal.identity.visits import Visit
from portal.reset.stores.database import Credential
from portal.sealing import KeyRing
from portal.tokens import fresh_id
from tests.cast import AMARA, EMRE
from tests.identity.bench import cookie, everything
from tests.requirements import requirement
from tests.reset.bench import (
    NEW,
    OLD,
    OTHER,
    credential,
    form_on,
    key_of,
    obligations,
    open_ones,
    said_of,
    set_password,
    store_of,
)
from tests.servers.ground import StillClock
from tests.visitor import Visitor


def events(database: Database, kind: str) -> list[dict[str, object]]:
    """What the trail says of this kind."""
    return [row for table, row in everything(database) if table == "audit_event" and row["kind"] == kind]


def test_emre_sets_a_new_password_and_is_done(
    emre: Visitor, portal: Flask, database: Database, keys: KeyRing, clock: StillClock
) -> None:
    assert not store_of(portal).log_in(key_of(EMRE), OLD)
    assert "nobody can log in to your account" in emre.get("/password").text
    assert set_password(emre, NEW).location == "/next"
    assert emre.get("/next").location == "/code"
    emre.act("/code", "/code")
    page = emre.get("/done").text
    assert "You are done" in page
    assert store_of(portal).log_in(key_of(EMRE), NEW)
    assert not store_of(portal).log_in(key_of(EMRE), OLD)
    [mine] = [one for one in obligations(database) if one.settled_at]
    assert (mine.settled_at, mine.settled_by) == (clock(), "customer")
    assert [event["subject"] for event in events(database, "reset:done")] == [f"account:{mine.customer_id}"]
    assert credential(database, keys, EMRE).changed_at == clock()


def test_amara_is_led_through_both_her_accounts(amara: Visitor, portal: Flask, database: Database) -> None:
    brands = []
    for password in (NEW, OTHER):
        assert amara.get("/next").location == "/password"
        brands.append("password for SeatSwap" in amara.get("/password").text)
        set_password(amara, password)
    assert sorted(brands) == [False, True]
    assert amara.get("/next").location == "/code"
    store = store_of(portal)
    opened = [[store.log_in(key_of(AMARA, number), password) for password in (NEW, OTHER)] for number in (0, 1)]
    assert sorted(opened) == [[False, True], [True, False]]


@requirement("PWD-08")
def test_the_old_password_is_refused_in_words(emre: Visitor, database: Database) -> None:
    answer = set_password(emre, OLD)
    assert (answer.status, OLD in answer.text) == (400, False)
    assert said_of(answer).startswith("This is your old password")
    assert open_ones(database) == 3


@requirement("PWD-10")
@pytest.mark.usefixtures("cast")
def test_a_letter_confirms_the_change_at_the_stored_address(visitor: Visitor) -> None:
    visitor.ask("EMRE@Mail.Example")
    visitor.follow(visitor.letter("emre@mail.example"))
    set_password(visitor, NEW)
    letter = visitor.letter("emre@mail.example")
    assert letter.subject == "Your password for Stagelight International was changed"
    for body in (letter.plain, letter.html):
        told = " ".join(body.split())
        for words in ("2 July 2018", "of your mailbox", "set a new password", "http://localhost/", "Call us: +44"):
            assert words in told
        assert "this was not you?" in told.lower()
        [(page, place)] = re.findall(r"http://localhost(/help\S*?)#([\w-]+)", body)
        assert f'id="{place}"' in visitor.get(page).text
    assert not letter.link
    assert NEW not in letter.message.as_string()


@requirement("PWD-10")
def test_without_a_change_no_letter_says_so(emre: Visitor) -> None:
    before = len(emre.mailbag("emre@mail.example"))
    for refused in ("short", OLD):
        set_password(emre, refused)
    emre.work()
    assert len(emre.mailbag("emre@mail.example")) == before


@requirement("PWD-11")
def test_the_new_password_opens_nothing_of_the_product(
    emre: Visitor, database: Database, keys: KeyRing, clock: StillClock
) -> None:
    before, name = credential(database, keys, EMRE), cookie(emre, "ps")
    clock.move(seconds=1)
    answer = set_password(emre, NEW)
    assert answer.cookies == []
    assert cookie(emre, "ps") == name
    emre.act("/code", "/code")
    assert "Log in to your account as always." in emre.get("/done").text
    columns = {column.name for column in Credential.__table__.columns}
    after = credential(database, keys, EMRE)
    touched = {column for column in columns if getattr(before, column) != getattr(after, column)}
    assert touched == {"password_hash", "changed_at", "sessions_from", "must_reset", "epoch"}


@requirement("PWD-11")
def test_a_visit_goes_on_after_the_reset_and_opens_our_own_pages_only(emre: Visitor, portal: Flask) -> None:
    set_password(emre, NEW)
    for rule in portal.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and not rule.arguments:
            answer = emre.get(rule.rule)
            assert answer.location in ("", "/", "/code", "/done", "/sent", "/help/case", "/help/mine"), rule.rule
    assert emre.get("/status").status == 200


@requirement("RST-02")
def test_every_session_of_the_product_that_began_before_is_over(
    emre: Visitor, database: Database, keys: KeyRing, clock: StillClock
) -> None:
    assert credential(database, keys, EMRE).sessions_from == clock()  # by the forced reset
    clock.move(seconds=1)
    set_password(emre, NEW)
    assert credential(database, keys, EMRE).sessions_from == clock()
    clock.move(seconds=5)
    emre.work()
    ordered = [row for table, row in everything(database) if table == "store_operation" and row["kind"] == "revoke"]
    assert [row["state"] for row in ordered] == ["DONE"]
    assert credential(database, keys, EMRE).sessions_from == clock.moment.replace(second=1)


@requirement("RST-02")
def test_other_visits_of_the_address_end_and_this_one_stays(
    emre: Visitor, database: Database, clock: StillClock
) -> None:
    form = form_on(emre.get("/password"))
    [mine] = [row for table, row in everything(database) if table == "visit"]
    with database.write() as session:
        # A proof ends earlier visits by itself; this one stands for a proof of the very same moment.
        session.add(Visit(**{**mine, "id": fresh_id(), "cookie_digest": b"x" * 32, "proved_at": clock()}))
    assert form.send(emre, NEW).status == 303
    ended = {row["id"]: row["ended_at"] for table, row in everything(database) if table == "visit"}
    assert ended.pop(mine["id"]) is None
    assert list(ended.values()) == [clock()]
    assert emre.get("/status").status == 200
