"""Joining: the invitation's link leads to a passkey and a place; opening it changes nothing, and it works once."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from portal.members import correspondence, member, passkeys
from portal.members.member import Newcomer
from portal.members.roles import Role
from tests.console.bench import Colleague, Office
from tests.members.authenticator import Authenticator
from tests.members.bench import ORIGIN
from tests.servers.ground import StillClock
from tests.visitor import Answer

LINK = re.compile(r"https://console\.stagelight\.example/staff/join\?lang=en#([0-9a-z]{20})\.([0-9a-z]{50})")
ADDRESS = "chen@stagelight.example"


@pytest.fixture
def chen(office: Office, clock: StillClock) -> Colleague:
    """Somebody who was invited, and sits at a browser."""
    newcomer = Newcomer("chen", ADDRESS, frozenset({Role.AGENT}))
    with office.database.write() as session:
        person = member.add(session, office.keys, newcomer, now=clock())
        correspondence.invite(session, office.keys, person, by="operator", origin=ORIGIN, now=clock())
    colleague = office.browser()
    colleague.person, colleague.device = person, Authenticator(user=person.id.bytes)
    return colleague


@pytest.fixture
def link(chen: Colleague) -> dict[str, str]:
    """What the letter's link holds."""
    letter = chen.letter(ADDRESS)
    found = LINK.search(letter.plain)
    assert found, letter.plain
    return {"public_id": found[1], "token": found[2]}


def join(colleague: Colleague, link: dict[str, str]) -> Answer:
    assert colleague.device
    made = colleague.device.make(colleague.challenge())
    return colleague.post("/staff/join/passkey", {**link, "credential": made, "name": "laptop"})


def held(office: Office, colleague: Colleague) -> list[str]:
    assert colleague.person
    with office.database.read() as session:
        return [passkey.name for passkey in passkeys.of(session, colleague.person)]


def test_the_link_leads_to_a_passkey_and_a_place(office: Office, chen: Colleague, link: dict[str, str]) -> None:
    assert chen.get("/staff/join").status == 200
    assert "Welcome, chen" in chen.post("/staff/join", link).text
    assert join(chen, link).location == "/staff"
    assert "Hello, chen" in chen.get("/staff").text
    assert held(office, chen) == ["laptop"]


def test_the_letter_holds_nothing_that_was_typed(chen: Colleague) -> None:
    letter = chen.letter(ADDRESS)
    assert "chen" not in (letter.plain + letter.html + letter.subject).lower()


def test_opening_the_link_as_often_as_you_like_spends_nothing(chen: Colleague, link: dict[str, str]) -> None:
    for _ in range(3):
        assert chen.post("/staff/join", link).status == 200
    assert join(chen, link).status == 303


def test_the_link_makes_one_passkey(office: Office, chen: Colleague, link: dict[str, str]) -> None:
    join(chen, link)
    thief = office.browser()
    thief.device = Authenticator()
    assert thief.post("/staff/join", link).status == 400
    assert join(thief, link).status == 400
    assert len(held(office, chen)) == 1


def test_many_who_open_one_link_at_once_make_one_passkey(office: Office, chen: Colleague, link: dict[str, str]) -> None:
    crowd = [office.browser() for _ in range(8)]
    for one in crowd:
        one.device = Authenticator()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda one: join(one, link).status, crowd))
    assert answers.count(303) == 1
    assert len(held(office, chen)) == 1


def test_a_passkey_that_is_refused_does_not_spend_the_link(
    office: Office, chen: Colleague, link: dict[str, str]
) -> None:
    chen.device.verifies = False  # type: ignore[union-attr]
    told = join(chen, link)
    assert told.status == 400
    assert "could not be kept" in told.text
    assert held(office, chen) == []
    chen.device.verifies = True  # type: ignore[union-attr]
    assert join(chen, link).status == 303


@pytest.mark.parametrize("wrong", [{"token": "0" * 50}, {"public_id": "0" * 20}, {"token": ""}, {"token": "x" * 3000}])
def test_a_wrong_link_opens_nothing(chen: Colleague, link: dict[str, str], wrong: dict[str, str]) -> None:
    told = chen.post("/staff/join", {**link, **wrong})
    assert told.status == 400
    assert "does not work" in told.text
    assert "chen" not in told.text


def test_no_page_shows_the_secret_in_an_address(chen: Colleague, link: dict[str, str]) -> None:
    text = chen.post("/staff/join", link).text
    assert not re.search(rf'(?:href|action|src)="[^"]*{link["token"]}', text)
