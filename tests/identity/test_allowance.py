"""Allowance: nobody can flood a mailbox, and nobody can use up its owner's letters; all of it silently."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from portal import jobs
from portal.database import Database
from portal.identity import links
from portal.mail.outbox import Letter
from portal.mail.postboxes.memory import MemoryPostbox
from tests.cast import Account, Person, settle
from tests.identity.bench import answer_all, ask_directly, states_of
from tests.requirements import requirement
from tests.servers.app import MakePortal, Newcomer
from tests.servers.ground import StillClock
from tests.visitor import Visitor

AMARA, FATOU = "amara@mail.example", "fatou@mail.example"
TAGGED = Person("amara+shop", (Account(),))
DOTTED = Person("a.m.ara", (Account(),))


def letters(app: Flask) -> int:
    """How many letters were written so far."""
    with app.extensions["portal"].database.read() as session:
        return len(session.scalars(select(Letter.id)).all())


@requirement("EML-07")
@pytest.mark.usefixtures("cast")
def test_a_mailbox_gets_one_letter_a_minute_four_an_hour_and_eight_a_day(visitor: Visitor, clock: StillClock) -> None:
    came: list[int] = []

    def ask_after(**spell: float) -> int:
        clock.move(**spell)
        visitor.ask(AMARA)
        visitor.work()
        came.append(len(visitor.mailbag(AMARA)))
        return came[-1]

    assert [ask_after(), ask_after(seconds=59), ask_after(seconds=1)] == [1, 1, 2]
    assert [ask_after(minutes=10), ask_after(minutes=10), ask_after(minutes=10)] == [3, 4, 4]
    assert [ask_after(minutes=31), ask_after(minutes=10), ask_after(minutes=15), ask_after(minutes=10)] == [5, 6, 7, 8]
    assert [ask_after(hours=6), ask_after(hours=6), ask_after(hours=6), ask_after(hours=4)] == [8, 8, 8, 8]
    assert ask_after(hours=1) == 9


@requirement("EML-07")
@pytest.mark.usefixtures("cast")
def test_a_thousand_requests_bring_eight_letters_and_the_owner_still_gets_one(
    newcomer: Newcomer, clock: StillClock, work: Callable[[], None], database: Database, portal: Flask
) -> None:
    for _ in range(20):
        ask_directly(portal, [AMARA] * 50)
        answer_all(portal)
        clock.move(hours=1)
    work()
    owner = newcomer("198.51.100.7")
    assert len(states_of(database)) == 1000
    assert len(owner.mailbag(AMARA)) == 8
    owner.read[AMARA] = 8
    assert owner.arrive(AMARA).status == 200


@requirement("EML-07")
@pytest.mark.usefixtures("cast")
def test_new_networks_bring_four_letters_more_and_no_network_two(
    newcomer: Newcomer, clock: StillClock, portal: Flask, database: Database
) -> None:
    for _ in range(10):
        ask_directly(portal, [AMARA])
        answer_all(portal)
        clock.move(hours=1)
    for number in (1, 1, 2, 3, 4, 5, 6):
        newcomer(f"10.0.{number}.9").ask(AMARA)
        answer_all(portal)
    taken, refused = links.QUEUED, links.DROPPED
    assert states_of(database)[-7:] == [taken, refused, taken, taken, taken, refused, refused]


@requirement("EML-08")
def test_tags_and_dots_share_one_mailbox(
    newcomer: Newcomer, clock: StillClock, database: Database, portal: Flask
) -> None:
    settle(database, portal.extensions["portal"].keys, TAGGED, DOTTED, Person("amara", (Account(),)))
    visitor = newcomer()
    for address in (AMARA, TAGGED.address, DOTTED.address, "AMARA@mail.example"):
        visitor.ask(address)
        visitor.work()
    assert [len(visitor.mailbag(address)) for address in (AMARA, TAGGED.address, DOTTED.address)] == [1, 0, 0]
    clock.move(minutes=1)
    visitor.ask(TAGGED.address)
    visitor.work()
    assert len(visitor.mailbag(TAGGED.address)) == 1


@requirement("EML-07")
@pytest.mark.usefixtures("cast")
def test_an_unknown_mailbox_and_a_known_one_do_not_count_for_each_other(visitor: Visitor, clock: StillClock) -> None:
    visitor.ask("amara+nobody@mail.example")
    visitor.ask(AMARA)
    visitor.work()
    assert len(visitor.mailbag(AMARA)) == 1
    assert len(visitor.mailbag("amara+nobody@mail.example")) == 1


def test_one_host_has_twenty_letters_an_hour_sent_to_unknown_addresses(
    newcomer: Newcomer, clock: StillClock, portal: Flask
) -> None:
    here, beside = newcomer("2001:db8:0:1::7"), newcomer("2001:db8:0:2::7")
    for number in range(22):
        here.ask(f"nobody{number}@mail.example")
    beside.ask("somebody@mail.example")
    answer_all(portal)
    assert letters(portal) == 21
    clock.move(hours=1)
    here.ask("nobody30@mail.example")
    answer_all(portal)
    assert letters(portal) == 22


def test_one_network_has_two_hundred_letters_an_hour_sent_to_unknown_addresses(
    clock: StillClock, portal: Flask
) -> None:
    for host in range(11):
        ask_directly(portal, [f"nobody{host}x{number}@mail.example" for number in range(19)], host=f"203.0.113.{host}")
    answer_all(portal)
    assert letters(portal) == 200
    ask_directly(portal, ["somebody@mail.example"], network="198.51.100.0/24")
    answer_all(portal)
    assert letters(portal) == 201


@requirement("ENU-08")
@pytest.mark.parametrize("told", [True, False])
def test_the_letter_to_strangers_can_be_switched_off(make_portal: MakePortal, told: bool) -> None:
    app = make_portal(answer_unknown=told)
    held = app.extensions["portal"]
    asked = app.test_client().post("/start", data={"email": FATOU}, headers={"Sec-Fetch-Site": "same-origin"})
    assert asked.status_code == 303
    answer = jobs.jobs(held, app.extensions["incident"], MemoryPostbox(held.settings))[0]
    while answer.step():  # a slow machine needs more than one moment
        pass
    assert letters(app) == int(told)
