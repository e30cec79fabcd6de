"""Links: opened as often as anybody likes, spent once, within half an hour, by two proofs of three."""

from collections.abc import Callable

import pytest

from portal.database import Database
from portal.identity import links
from portal.tokens import fresh_code, fresh_token
from tests.identity.bench import cookie, everything, move_to, outside, requests_of, states_of
from tests.requirements import requirement
from tests.servers.app import Newcomer
from tests.servers.ground import StillClock
from tests.visitor import Answer, Visitor

pytestmark = pytest.mark.usefixtures("cast")

AMARA, BO = "amara@mail.example", "bo@mail.example"
HALF_AN_HOUR = 30 * 60


@requirement("LNK-04")
def test_opening_the_link_a_hundred_times_changes_no_row_and_it_still_works(
    visitor: Visitor, newcomer: Newcomer, database: Database
) -> None:
    visitor.ask(AMARA)
    letter = visitor.letter(AMARA)
    before, scanner = everything(database), newcomer()
    told = f"/v?public_id={letter.public_id}&token={letter.token}&code={letter.code}"
    for number in range(100):
        somebody, path = (scanner, "/v") if number % 2 else (visitor, told)
        move_to(somebody, number)
        for method in ("GET", "HEAD", "OPTIONS"):
            assert somebody.browser.ask(method, path, None, {"Sec-Fetch-Site": "none"}).status == 200
    assert everything(database) == before
    assert visitor.follow(letter).location == "/status"


@requirement("LNK-07")
def test_a_link_cannot_be_spent_twice(visitor: Visitor, newcomer: Newcomer, database: Database) -> None:
    visitor.ask(AMARA)
    letter, asked = visitor.letter(AMARA), cookie(visitor, "rq")
    assert visitor.follow(letter).status == 303
    elsewhere = newcomer()
    elsewhere.browser.client.set_cookie("rq", asked)  # type: ignore[attr-defined]
    assert elsewhere.follow(letter).status == 400
    assert elsewhere.follow(letter, code=letter.code).status == 400
    assert elsewhere.get("/status").location == "/"
    assert visitor.get("/status").status == 200
    assert len([row for table, row in everything(database) if table == "visit"]) == 1


@requirement("LNK-08")
def test_cookie_and_link_open_everything(visitor: Visitor, database: Database) -> None:
    visitor.arrive(AMARA)
    assert proved_by(database) == ["cookie+link"]


@requirement("LNK-08")
def test_link_and_code_open_everything_in_any_browser(
    visitor: Visitor, another_visitor: Visitor, database: Database
) -> None:
    visitor.ask(AMARA)
    letter = visitor.letter(AMARA)
    assert another_visitor.follow(letter, code=letter.code).location == "/status"
    assert another_visitor.get("/status").status == 200
    assert proved_by(database) == ["link+code"]
    assert visitor.get("/status").location == "/"


@requirement("LNK-08")
@pytest.mark.parametrize("brought", ["link", "code", "code and name", "cookie", "cookie and name", "nothing"])
def test_one_proof_alone_never_suffices(visitor: Visitor, newcomer: Newcomer, database: Database, brought: str) -> None:
    visitor.ask(AMARA)
    letter, before = visitor.letter(AMARA), states_of(database)
    fields = {
        "link": {"public_id": letter.public_id, "token": letter.token},
        "code": {"code": letter.code},
        "code and name": {"public_id": letter.public_id, "code": letter.code},
        "cookie": {"code": ""},
        "cookie and name": {"public_id": letter.public_id},
        "nothing": {},
    }[brought]
    somebody = visitor if brought.startswith("cookie") else newcomer()
    answer = somebody.post("/v", fields)
    assert (answer.status, answer.cookies) == (400, [])
    assert states_of(database) == before
    assert visitor.follow(letter).location == "/status"


@requirement("LNK-10")
@pytest.mark.parametrize(("seconds", "status"), [(-1, 303), (0, 400), (1, 400)])
def test_a_link_lives_for_half_an_hour_from_the_hand_over(
    visitor: Visitor, clock: StillClock, seconds: int, status: int
) -> None:
    visitor.ask(AMARA)
    clock.move(hours=5)  # the worker came late; the half hour begins when the letter leaves
    letter = visitor.letter(AMARA)
    clock.move(seconds=HALF_AN_HOUR + seconds)
    assert visitor.follow(letter, code=letter.code).status == status


@requirement("LNK-10")
@pytest.mark.parametrize(("seconds", "letters"), [(-1, 1), (0, 0), (1, 0)])
def test_a_request_waits_a_day_for_the_worker(
    visitor: Visitor, clock: StillClock, work: Callable[[], None], database: Database, seconds: int, letters: int
) -> None:
    asked = visitor.ask(AMARA)
    assert "Max-Age=86400" in asked.cookies[0]
    clock.move(hours=24, seconds=seconds)
    work()
    assert len(visitor.mailbag(AMARA)) == letters
    if letters:
        assert visitor.follow(visitor.letter(AMARA)).location == "/status"
    else:
        assert states_of(database) in ([links.EXPIRED], [links.DROPPED])


@requirement("LNK-10")
def test_the_worker_closes_what_is_over(
    visitor: Visitor, clock: StillClock, work: Callable[[], None], database: Database
) -> None:
    visitor.ask(AMARA)
    work()
    clock.move(minutes=31)
    work()
    assert states_of(database) == [links.EXPIRED]
    assert requests_of(database)[0].address_sealed is None


@requirement("LNK-11")
def test_every_failure_is_one_page_with_one_status(
    visitor: Visitor, newcomer: Newcomer, clock: StillClock, database: Database
) -> None:
    shown: dict[str, object] = {}

    def note(name: str, answer: Answer) -> None:
        assert answer.status == 400
        shown[name] = outside(answer)

    visitor.ask(AMARA)
    first = visitor.letter(AMARA)
    note("opened elsewhere", newcomer().follow(first))
    note("wrong token", visitor.post("/v", link_of(first.public_id, fresh_token())))
    note("never existed", visitor.post("/v", link_of("0" * 20, fresh_token())))
    clock.move(minutes=2)
    visitor.ask(AMARA)
    second = visitor.letter(AMARA)
    note("superseded", visitor.follow(first))
    assert visitor.follow(second).status == 303
    note("used, elsewhere", newcomer().follow(second))
    stopped, expired = newcomer(), newcomer()
    stopped.ask(BO)
    third = stopped.letter(BO)
    stop = {"public_id": third.public_id, "token": third.stop_token, "code": third.code}
    assert stopped.post("/revoke", stop).status == 200
    note("revoked", stopped.follow(third))
    clock.move(hours=25)
    expired.ask(BO)
    fourth = expired.letter(BO)
    clock.move(minutes=30)
    note("expired", expired.follow(fourth))
    assert set(shown.values()) == {shown["never existed"]}
    assert links.SUPERSEDED in states_of(database)


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
        outside(somebody.post("/v", {"public_id": name, "code": wrong}))
        for somebody in (visitor, newcomer())
        for name in (letter.public_id, "0" * 20)
    ]
    assert all(answer == answers[0] for answer in answers)


def link_of(public_id: str, token: str) -> dict[str, str]:
    """The parts of a link as the page sends them."""
    return {"public_id": public_id, "token": token}


def proved_by(database: Database) -> list[str]:
    """What each visit was opened by."""
    return [row["proved_by"] for table, row in everything(database) if table == "visit"]
