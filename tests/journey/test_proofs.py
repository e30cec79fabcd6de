"""Proofs on the way: what cannot be undone needs the link, and a young one."""

import pytest

from portal.database import Database
from portal.identity.visits import FRESH
from portal.sealing import KeyRing
from tests.cast import EMRE
from tests.requirements import requirement
from tests.reset.bench import NEW, Shown, credential, form_on, open_ones
from tests.servers.app import Newcomer
from tests.servers.ground import StillClock
from tests.visitor import Visitor, token_on

ADDRESS, EMRES = "emre@mail.example", 3

pytestmark = pytest.mark.usefixtures("cast")


@requirement("LNK-08")
@requirement("LNK-26")
def test_a_code_alone_sets_no_password_until_the_link_is_shown(
    visitor: Visitor, database: Database, keys: KeyRing
) -> None:
    visitor.ask(ADDRESS)
    letter = visitor.letter(ADDRESS)
    assert visitor.type_code(letter).location == "/status"
    page = visitor.get("/password")
    assert (page.status, "First, open the link in our letter" in page.text) == (403, True)
    assert 'name="password"' not in page.text
    guessed = Shown(token_on(visitor.get("/status")), "0" * 32)
    assert guessed.send(visitor, NEW).status == 403
    assert (open_ones(database), credential(database, keys, EMRE).epoch) == (EMRES, 1)
    assert visitor.follow(letter).location == "/status"
    assert form_on(visitor.get("/password")).send(visitor, NEW).location == "/next"


@requirement("LNK-26")
def test_a_form_that_was_shown_to_the_owner_is_of_no_use_to_whoever_has_the_code_alone(
    newcomer: Newcomer, clock: StillClock, database: Database, keys: KeyRing
) -> None:
    owner, attacker = newcomer(), newcomer()
    owner.arrive(ADDRESS)
    form = form_on(owner.get("/password"))
    clock.move(minutes=2)
    attacker.read[ADDRESS] = 1
    attacker.ask(ADDRESS)
    attacker.type_code(attacker.letter(ADDRESS))
    forged = Shown(token_on(attacker.get("/status")), form.account)
    assert forged.send(attacker, NEW).status == 403
    assert credential(database, keys, EMRE).epoch == 1


@requirement("SES-05")
def test_after_twenty_minutes_a_fresh_proof_is_asked_for_and_is_one_press_away(
    visitor: Visitor, clock: StillClock, database: Database, keys: KeyRing
) -> None:
    visitor.arrive(ADDRESS)
    form = form_on(visitor.get("/password"))
    clock.move(minutes=10)
    visitor.get("/status")
    clock.move(minutes=10)
    assert visitor.get("/password").status == 200
    clock.move(seconds=1)
    page = visitor.get("/password")
    assert (page.status, 'name="password"' in page.text) == (403, False)
    assert "Show us once more that it is you" in page.text
    assert form.send(visitor, NEW).status == 403
    assert credential(database, keys, EMRE).epoch == 1
    assert visitor.post("/again", {"csrf_token": token_on(page)}).location == "/sent"
    assert visitor.follow(visitor.letter(ADDRESS)).location == "/status"
    assert form_on(visitor.get("/password")).send(visitor, NEW).location == "/next"


@requirement("SES-05")
def test_showing_the_link_after_the_code_makes_the_proof_young_again(visitor: Visitor, clock: StillClock) -> None:
    visitor.ask(ADDRESS)
    letter = visitor.letter(ADDRESS)
    visitor.type_code(letter)
    clock.move(minutes=14)
    visitor.get("/status")
    clock.move(minutes=14)
    visitor.follow(letter)
    assert visitor.get("/password").status == 200
    clock.move(minutes=14)
    visitor.get("/status")
    clock.move(seconds=FRESH.total_seconds() - 14 * 60)
    assert visitor.get("/password").status == 200
    clock.move(seconds=1)
    assert visitor.get("/password").status == 403
