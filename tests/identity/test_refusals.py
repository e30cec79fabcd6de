"""Refusals: every failure of a proof is one page, which keeps what was brought and says how to go on."""

import pytest

from portal.database import Database
from portal.identity import links
from portal.tokens import fresh_code, fresh_token
from tests.identity.bench import outside, states_of
from tests.requirements import requirement
from tests.servers.app import Newcomer
from tests.servers.ground import StillClock
from tests.visitor import Answer, Visitor

pytestmark = pytest.mark.usefixtures("cast")

AMARA, BO = "amara@mail.example", "bo@mail.example"


def link_of(public_id: str, token: str) -> dict[str, str]:
    """The parts of a link as the page sends them."""
    return {"public_id": public_id, "token": token}


def refused(answer: Answer) -> object:
    """All that is seen of a refusal."""
    assert answer.status == 400
    return outside(answer)


@pytest.fixture
def never_existed(visitor: Visitor) -> object:
    """The page for a link that we never sent."""
    return refused(visitor.post("/v", link_of("0" * 20, fresh_token())))


@requirement("LNK-11")
def test_a_link_that_is_wrong_superseded_used_or_opened_elsewhere_gets_one_page(
    visitor: Visitor, newcomer: Newcomer, clock: StillClock, database: Database, never_existed: object
) -> None:
    visitor.ask(AMARA)
    first = visitor.letter(AMARA)
    assert refused(newcomer().follow(first)) == never_existed
    assert refused(visitor.post("/v", link_of(first.public_id, fresh_token()))) == never_existed
    clock.move(minutes=2)
    visitor.ask(AMARA)
    second = visitor.letter(AMARA)
    assert states_of(database) == [links.SUPERSEDED, links.SENT]
    assert refused(visitor.follow(first)) == never_existed
    assert visitor.follow(second).status == 303
    assert refused(newcomer().follow(second)) == never_existed


@requirement("LNK-11")
def test_a_link_that_was_stopped_or_is_over_gets_the_same_page(
    visitor: Visitor, newcomer: Newcomer, clock: StillClock, database: Database, never_existed: object
) -> None:
    visitor.ask(AMARA)
    letter = visitor.letter(AMARA)
    stop = {"public_id": letter.public_id, "token": letter.stop_token, "code": letter.code}
    assert newcomer().post("/revoke", stop).status == 200
    assert refused(visitor.follow(letter)) == never_existed
    visitor.ask(BO)
    late = visitor.letter(BO)
    clock.move(minutes=30)
    assert refused(visitor.follow(late)) == never_existed
    assert states_of(database) == [links.REVOKED, links.SENT]
    visitor.work()
    assert refused(visitor.follow(late)) == never_existed


@requirement("LNK-11")
def test_the_page_of_a_failure_keeps_the_link_and_asks_for_the_code_first(
    visitor: Visitor, another_visitor: Visitor
) -> None:
    visitor.ask(AMARA)
    letter = visitor.letter(AMARA)
    page = another_visitor.follow(letter).text
    assert f'name="public_id" value="{letter.public_id}"' in page
    assert f'name="token" value="{letter.token}"' in page
    assert page.index('name="code"') < page.index("</form>") < page.index("#ask")
    assert "another browser" in page
    typed = another_visitor.post("/v", {**link_of(letter.public_id, letter.token), "code": letter.code})
    assert typed.location == "/status"


@requirement("LNK-11")
def test_a_wrong_code_gets_the_same_page_whatever_was_wrong(visitor: Visitor, newcomer: Newcomer) -> None:
    visitor.ask(AMARA)
    letter, wrong = visitor.letter(AMARA), fresh_code()
    answers = [
        refused(somebody.post("/v", {"public_id": name, "code": wrong}))
        for somebody in (visitor, newcomer())
        for name in (letter.public_id, "0" * 20)
    ]
    assert all(answer == answers[0] for answer in answers)
