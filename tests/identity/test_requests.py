"""Requests and their ends: what a newer letter, a proof, or a change of address does to the others."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from portal.database import Database
from portal.identity import customers, links
from portal.identity.addresses import read
from portal.identity.customers import Customer
from portal.sealing import KeyRing
from tests.identity.bench import answer_all, requests_of, states_of
from tests.requirements import requirement
from tests.servers.app import Newcomer
from tests.servers.ground import StillClock
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("cast")

AMARA, BO = "amara@mail.example", "bo@mail.example"


def move(database: Database, keys: KeyRing, address: str, to: str) -> None:
    """Let the company have learned that all accounts at an address live at another one."""
    with database.write() as session:
        for account in customers.at_address(session, keys.macs(customers.ADDRESS_INDEX, address).values()):
            customers.move(keys, account, read(to))


@requirement("LNK-14")
def test_asking_again_while_limited_leaves_the_first_link_working(visitor: Visitor, database: Database) -> None:
    visitor.ask(AMARA)
    letter = visitor.letter(AMARA)
    visitor.ask(AMARA)
    visitor.work()
    assert states_of(database) == [links.SENT, links.DROPPED]
    assert len(visitor.mailbag(AMARA)) == 1
    assert visitor.follow(letter).location == "/status"


@requirement("LNK-14")
def test_asking_again_while_limited_leaves_the_first_code_working(visitor: Visitor) -> None:
    visitor.ask(AMARA)
    letter = visitor.letter(AMARA)
    visitor.ask(AMARA)
    visitor.work()
    assert visitor.type_code(letter).location == "/status"


@requirement("LNK-14")
def test_the_code_in_hand_works_while_a_second_letter_is_still_on_its_way(visitor: Visitor, clock: StillClock) -> None:
    visitor.ask(AMARA)
    letter = visitor.letter(AMARA)
    clock.move(minutes=2)
    visitor.ask(AMARA)
    assert visitor.type_code(letter).location == "/status"


@requirement("LNK-14")
def test_a_new_letter_ends_the_older_one_of_the_same_browser_only_when_it_leaves(
    visitor: Visitor, another_visitor: Visitor, clock: StillClock, database: Database
) -> None:
    another_visitor.ask(AMARA)
    theirs = another_visitor.letter(AMARA)
    clock.move(minutes=2)
    visitor.ask(AMARA)
    visitor.letter(AMARA)
    clock.move(minutes=2)
    visitor.ask(AMARA)
    assert states_of(database) == [links.SENT, links.SENT, links.QUEUED]
    visitor.work()
    assert states_of(database) == [links.SENT, links.SUPERSEDED, links.SENT]
    assert another_visitor.follow(theirs).location == "/status"


@requirement("LNK-15")
def test_a_proof_ends_every_open_request_of_its_address_and_of_no_other(
    newcomer: Newcomer, clock: StillClock, work: Callable[[], None], database: Database
) -> None:
    askers = [newcomer() for _ in range(3)]
    letters = []
    for asker in askers:
        asker.ask(AMARA)
        letters.append(asker.letter(AMARA))
        asker.read[AMARA] = 0
        clock.move(minutes=2)
    other = newcomer()
    other.ask(BO)
    work()
    letters = askers[0].mailbag(AMARA)
    assert askers[1].follow(letters[1]).location == "/status"
    assert states_of(database) == [links.REVOKED, links.CONSUMED, links.REVOKED, links.SENT]
    assert [askers[0].follow(letters[0]).status, askers[2].follow(letters[2]).status] == [400, 400]
    assert other.follow(other.letter(BO)).location == "/status"


@requirement("LNK-15")
def test_a_letter_that_has_not_left_when_the_address_is_proved_never_leaves(
    visitor: Visitor, another_visitor: Visitor, clock: StillClock, portal: Flask, database: Database
) -> None:
    visitor.ask(AMARA)
    letter = visitor.letter(AMARA)
    clock.move(minutes=2)
    another_visitor.ask(AMARA)
    answer_all(portal)
    assert visitor.follow(letter).location == "/status"
    visitor.work()
    assert len(visitor.mailbag(AMARA)) == 1
    assert states_of(database) == [links.CONSUMED, links.REVOKED]


@requirement("LNK-15")
def test_a_proof_ends_the_earlier_visits_of_its_address(
    visitor: Visitor, another_visitor: Visitor, clock: StillClock
) -> None:
    assert visitor.arrive(AMARA).status == 200
    clock.move(minutes=2)
    assert another_visitor.arrive(AMARA).status == 200
    assert visitor.get("/status").location == "/"
    assert another_visitor.get("/status").status == 200


@requirement("LNK-16")
@pytest.mark.parametrize("come_back", [False, True])
def test_a_change_of_address_ends_the_link(
    visitor: Visitor, database: Database, keys: KeyRing, come_back: bool
) -> None:
    visitor.ask(AMARA)
    letter = visitor.letter(AMARA)
    move(database, keys, AMARA, "amara@new.example")
    if come_back:
        move(database, keys, "amara@new.example", AMARA)
    assert visitor.follow(letter, code=letter.code).status == 400
    assert visitor.get("/status").location == "/"


@requirement("LNK-16")
def test_a_change_of_address_leaves_an_open_visit_with_nothing(
    visitor: Visitor, database: Database, keys: KeyRing
) -> None:
    visitor.arrive(AMARA)
    move(database, keys, AMARA, "amara@new.example")
    assert visitor.get("/status").location == "/"


@requirement("LNK-16")
def test_a_secret_is_good_for_its_own_purpose_and_request_only(
    visitor: Visitor, newcomer: Newcomer, database: Database, keys: KeyRing
) -> None:
    visitor.ask(AMARA)
    letter, asker = visitor.letter(AMARA), newcomer()
    asker.ask(BO)
    other = asker.letter(BO)
    for name, token, code in [
        (letter.public_id, letter.stop_token, letter.code),
        (letter.public_id, other.token, letter.code),
        (letter.public_id, letter.token, other.code),
        (other.public_id, letter.token, letter.code),
        (other.public_id, letter.token, other.code),
    ]:
        assert newcomer().post("/v", {"public_id": name, "token": token, "code": code}).status == 400
    stop = {"public_id": letter.public_id, "token": letter.token, "code": letter.code}
    assert newcomer().post("/revoke", stop).status == 400
    digests = {keys.mac(purpose, letter.public_id, letter.token) for purpose in (links.TOKEN, links.STOP, links.CODE)}
    assert len(digests) == 3
    assert states_of(database) == [links.SENT, links.SENT]


@requirement("LNK-16")
def test_a_request_speaks_of_the_address_and_epoch_that_it_was_answered_for(
    visitor: Visitor, work: Callable[[], None], database: Database
) -> None:
    visitor.ask(BO)
    work()
    [request] = requests_of(database)
    with database.read() as session:
        [account] = session.scalars(select(Customer).where(Customer.email_index == request.email_index))
    assert (account.epoch, request.epoch) == (1, 1)
