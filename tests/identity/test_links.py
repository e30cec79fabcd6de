"""Links: opened as often as anybody likes, spent once, within half an hour, by two proofs of three."""

from collections.abc import Callable

import pytest

from portal.database import Database
from portal.identity import links
from tests.identity.bench import cookie, everything, move_to, requests_of, states_of
from tests.requirements import requirement
from tests.servers.app import Newcomer
from tests.servers.ground import StillClock
from tests.visitor import Visitor

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


def proved_by(database: Database) -> list[str]:
    """What each visit was opened by."""
    return [row["proved_by"] for table, row in everything(database) if table == "visit"]
