"""“I did not ask for this”: two proofs stop our letters for a day, and a program that presses every button none."""

import pytest
from flask import Flask

from portal.database import Database
from portal.identity import links
from portal.limits import CODE_TRIES
from tests.identity.bench import Rows, answer_all, everything, states_of
from tests.letters import Letter
from tests.requirements import requirement
from tests.servers.app import Newcomer
from tests.servers.ground import StillClock
from tests.visitor import Answer, Visitor

pytestmark = pytest.mark.usefixtures("cast")

AMARA = "amara@mail.example"


@pytest.fixture
def letter(visitor: Visitor) -> Letter:
    """A letter that a stranger, the visitor, has caused."""
    visitor.ask(AMARA)
    return visitor.letter(AMARA)


def stop(owner: Visitor, letter: Letter, path: str = "/revoke", **other: str) -> Answer:
    """Send the form of the letter's other link."""
    proofs = {"public_id": letter.public_id, "token": letter.stop_token, "code": letter.code}
    return owner.post(path, {**proofs, **other})


def all_but_the_trail(database: Database) -> Rows:
    """Every row that a refusal may not touch."""
    return [row for row in everything(database) if row[0] not in ("audit_event", "audit_seal")]


def letters_after(visitor: Visitor, clock: StillClock, **spell: float) -> int:
    """How many more letters come if somebody asks after so long."""
    before = len(visitor.mailbag(AMARA))
    clock.move(**spell)
    visitor.ask(AMARA)
    visitor.work()
    return len(visitor.mailbag(AMARA)) - before


@requirement("LNK-19")
def test_the_other_link_and_the_code_end_the_link(visitor: Visitor, another_visitor: Visitor, letter: Letter) -> None:
    assert stop(another_visitor, letter).status == 200
    assert visitor.follow(letter, code=letter.code).status == 400


@requirement("LNK-19")
def test_no_letter_is_written_for_a_day(
    another_visitor: Visitor, visitor: Visitor, letter: Letter, clock: StillClock, database: Database
) -> None:
    stop(another_visitor, letter)
    assert letters_after(visitor, clock, hours=23, minutes=59) == 0
    assert states_of(database)[-1] == links.DROPPED
    assert letters_after(visitor, clock, minutes=2) == 1


@requirement("LNK-19")
def test_a_letter_that_is_on_its_way_is_not_sent(
    newcomer: Newcomer, letter: Letter, clock: StillClock, database: Database, portal: Flask
) -> None:
    clock.move(minutes=2)
    other = newcomer()
    other.ask(AMARA)
    answer_all(portal)
    assert states_of(database) == [links.SENT, links.QUEUED]
    stop(newcomer(), letter)
    other.work()
    assert len(other.mailbag(AMARA)) == 1


@requirement("LNK-19")
@pytest.mark.parametrize("missing", ["code", "token", "public_id"])
def test_nothing_is_stopped_without_both_proofs(
    visitor: Visitor, another_visitor: Visitor, letter: Letter, database: Database, missing: str
) -> None:
    before = everything(database)
    assert stop(another_visitor, letter, **{missing: ""}).status == 400
    assert everything(database) == before
    assert visitor.follow(letter).location == "/status"


@requirement("LNK-19")
def test_a_program_that_opens_everything_and_presses_every_button_stops_nothing(
    visitor: Visitor, another_visitor: Visitor, letter: Letter, database: Database
) -> None:
    before = all_but_the_trail(database)
    for path, token in (("/v", letter.token), ("/revoke", letter.stop_token), ("/revoke/undo", letter.stop_token)):
        another_visitor.get("/revoke" if "revoke" in path else "/v")
        assert another_visitor.post(path, {"public_id": letter.public_id, "token": token}).status == 400
    assert all_but_the_trail(database) == before
    assert visitor.follow(letter).location == "/status"


@requirement("LNK-19")
def test_a_wrong_code_stops_nothing_and_is_counted_with_the_others(
    visitor: Visitor, another_visitor: Visitor, letter: Letter
) -> None:
    wrong = "0" * 8 if letter.code != "0000-0000" else "1" * 8
    for _ in range(CODE_TRIES):
        assert stop(another_visitor, letter, code=wrong).status == 400
    assert stop(another_visitor, letter).status == 400
    assert visitor.type_code(letter).status == 400
    assert visitor.follow(letter).location == "/status"


@requirement("LNK-19")
def test_stopping_can_be_undone_but_the_link_stays_dead(
    visitor: Visitor, another_visitor: Visitor, letter: Letter, clock: StillClock
) -> None:
    stop(another_visitor, letter)
    assert stop(another_visitor, letter, "/revoke/undo").status == 200
    assert visitor.follow(letter).status == 400
    assert letters_after(visitor, clock, minutes=2) == 1


@requirement("LNK-19")
def test_the_page_of_the_stop_offers_its_undoing(another_visitor: Visitor, letter: Letter) -> None:
    page = stop(another_visitor, letter).text
    assert 'action="/revoke/undo"' in page
    for kept in (letter.public_id, letter.stop_token, letter.code.replace("-", "")):
        assert f'value="{kept}"' in page


@requirement("LNK-19")
def test_undoing_needs_both_proofs_too(
    visitor: Visitor, another_visitor: Visitor, letter: Letter, clock: StillClock
) -> None:
    stop(another_visitor, letter)
    assert stop(another_visitor, letter, "/revoke/undo", code="").status == 400
    assert stop(another_visitor, letter, "/revoke/undo", token=letter.token).status == 400
    assert letters_after(visitor, clock, minutes=2) == 0


@requirement("LNK-19")
def test_stopping_ends_the_visit_that_the_link_opened(
    visitor: Visitor, another_visitor: Visitor, letter: Letter
) -> None:
    assert visitor.follow(letter).location == "/status"
    assert stop(another_visitor, letter).status == 200
    assert visitor.get("/status").location == "/"


@requirement("LNK-19")
def test_stopping_ends_the_visit_that_the_code_opened(
    visitor: Visitor, another_visitor: Visitor, letter: Letter
) -> None:
    assert visitor.type_code(letter).location == "/status"
    stop(another_visitor, letter)
    assert visitor.get("/status").location == "/"


@requirement("LNK-19")
def test_stopping_without_script_takes_the_pasted_link(
    visitor: Visitor, another_visitor: Visitor, letter: Letter
) -> None:
    assert another_visitor.post("/revoke", {"link": letter.stop_link, "code": letter.code}).status == 200
    assert visitor.follow(letter).status == 400
