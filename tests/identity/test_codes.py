"""Codes: typed as people type, tried five times, and never enough to open everything without the link."""

import pytest

from portal.database import Database
from portal.identity.visits import Visit
from portal.limits import CODE_TRIES
from portal.tokens import fresh_code, read_code
from tests.identity.bench import cookie, everything, outside, requests_of, statements, traced
from tests.requirements import requirement
from tests.servers.app import Newcomer
from tests.servers.ground import StillClock
from tests.visitor import Visitor, token_on

pytestmark = pytest.mark.usefixtures("cast")

AMARA, BO, FATOU = "amara@mail.example", "bo@mail.example", "fatou@mail.example"


def only_visit(database: Database) -> Visit:
    """The one visit that is open."""
    [row] = [row for table, row in everything(database) if table == "visit" and row["ended_at"] is None]
    return Visit(**row)


def wrong(letter_code: str) -> str:
    """A code that is not the letter's."""
    return next(code for code in iter(fresh_code, "") if code != letter_code.replace("-", ""))


@requirement("LNK-12")
def test_five_wrong_codes_lock_the_code_but_not_the_link(visitor: Visitor, database: Database) -> None:
    visitor.ask(AMARA)
    letter = visitor.letter(AMARA)
    tries = []
    for _ in range(CODE_TRIES + 2):
        assert visitor.post("/v", {"code": wrong(letter.code)}).status == 400
        tries.append(requests_of(database)[0].code_tries)
    assert tries == [1, 2, 3, 4, 5, 5, 5]
    assert visitor.type_code(letter).status == 400
    assert visitor.follow(letter).location == "/status"


@requirement("LNK-12")
def test_the_right_code_after_four_wrong_ones_is_taken(visitor: Visitor) -> None:
    visitor.ask(AMARA)
    letter = visitor.letter(AMARA)
    for _ in range(CODE_TRIES - 1):
        visitor.post("/v", {"code": wrong(letter.code)})
    assert visitor.type_code(letter).location == "/status"


@requirement("LNK-12")
def test_a_locked_code_does_not_help_the_link_in_another_browser(visitor: Visitor, another_visitor: Visitor) -> None:
    visitor.ask(AMARA)
    letter = visitor.letter(AMARA)
    for _ in range(CODE_TRIES):
        another_visitor.follow(letter, code=wrong(letter.code))
    assert another_visitor.follow(letter, code=letter.code).status == 400
    assert visitor.follow(letter).location == "/status"


@requirement("LNK-13")
def test_a_stranger_cannot_switch_the_owners_codes_off(newcomer: Newcomer, clock: StillClock) -> None:
    stranger, owner = newcomer("203.0.113.7"), newcomer("198.51.100.7")
    for _ in range(4):
        stranger.ask(AMARA)
        stranger.work()
        for _ in range(CODE_TRIES + 1):
            assert stranger.post("/v", {"code": fresh_code()}).status == 400
        clock.move(minutes=3)
    owner.read[AMARA] = 4
    owner.ask(AMARA)
    assert owner.type_code(owner.letter(AMARA)).location == "/status"


@requirement("LNK-18")
@pytest.mark.parametrize(
    "typed",
    ["0a1B-2c3D", "0A1B2C3D", "0a1b 2c3d", " 0A1B\u20132C3D ", "oalb-2c3d", "O A I B 2 C 3 D", "0-A1-B2-C3-D\u00a0"],
)
def test_a_code_is_read_as_people_type_it(typed: str) -> None:
    assert read_code(typed) == "0A1B2C3D"


@requirement("LNK-18")
def test_a_code_typed_in_small_letters_without_its_dash_opens_the_answer(visitor: Visitor) -> None:
    visitor.ask(AMARA)
    typed = visitor.letter(AMARA).code.replace("-", " ").lower().replace("0", "o").replace("1", "l")
    assert visitor.post("/v", {"code": typed}).location == "/status"


@requirement("LNK-18")
@pytest.mark.parametrize("path", ["/v", "/sent", "/revoke"])
def test_the_field_for_the_code_helps_phones(visitor: Visitor, path: str) -> None:
    page = visitor.get(path).text
    field = next(part for part in page.split("<input") if 'name="code"' in part).partition(">")[0]
    assert 'autocomplete="one-time-code"' in field
    assert 'inputmode="text"' in field


@requirement("ENU-03")
def test_a_wrong_code_says_the_same_to_the_database_for_known_and_unknown(
    newcomer: Newcomer, database: Database
) -> None:
    heard, shown = [], []
    for address in (AMARA, FATOU, BO):
        asker = newcomer()
        asker.ask(address)
        asker.work()
        with traced(database) as said:
            shown.append(outside(asker.post("/v", {"code": "7K3M-9QTX"})))
        heard.append(statements(said))
    assert heard[0] == heard[1] == heard[2]
    assert shown[0] == shown[1] == shown[2]
    # A row that is written takes longer than one that is not.
    assert [request.code_tries for request in requests_of(database)] == [1, 1, 1]


@requirement("LNK-26")
def test_a_code_alone_opens_the_answer_but_not_everything(visitor: Visitor, database: Database) -> None:
    visitor.ask(AMARA)
    letter = visitor.letter(AMARA)
    assert visitor.type_code(letter).location == "/status"
    assert visitor.get("/status").status == 200
    assert visitor.get("/help").status == 200
    visit = only_visit(database)
    assert (visit.proved_by, visit.opens_everything) == ("code", False)


@requirement("LNK-26")
@requirement("SES-02")
def test_the_letters_link_raises_a_visit_and_gives_it_a_new_name(
    visitor: Visitor, database: Database, clock: StillClock
) -> None:
    visitor.ask(AMARA)
    letter = visitor.letter(AMARA)
    visitor.type_code(letter)
    before = cookie(visitor, "ps")
    clock.move(minutes=1)
    assert visitor.follow(letter).location == "/status"
    visit = only_visit(database)
    assert (visit.proved_by, visit.opens_everything) == ("code+link", True)
    assert visit.proved_at == clock()
    after = cookie(visitor, "ps") or ""
    visitor.browser.client.set_cookie("ps", before)  # type: ignore[attr-defined]
    assert visitor.get("/status").location == "/"
    visitor.browser.client.set_cookie("ps", after)  # type: ignore[attr-defined]
    assert visitor.get("/status").status == 200


@requirement("LNK-26")
def test_nobody_elses_link_raises_a_visit(visitor: Visitor, newcomer: Newcomer, database: Database) -> None:
    other = newcomer()
    other.ask(BO)
    theirs = other.letter(BO)
    visitor.ask(AMARA)
    letter = visitor.letter(AMARA)
    visitor.type_code(letter)
    assert visitor.follow(theirs).status == 400
    assert visitor.post("/v", {"public_id": letter.public_id, "token": letter.stop_token}).status == 400
    assert visitor.post("/v", {"public_id": letter.public_id, "code": letter.code}).status == 400
    assert not only_visit(database).opens_everything


@requirement("LNK-26")
def test_a_link_that_is_over_raises_nothing(visitor: Visitor, database: Database, clock: StillClock) -> None:
    visitor.ask(AMARA)
    letter = visitor.letter(AMARA)
    visitor.type_code(letter)
    for _ in range(3):
        clock.move(minutes=10)
        visitor.get("/status")
    assert visitor.follow(letter).status == 400
    assert not only_visit(database).opens_everything


@requirement("LNK-26")
def test_whoever_talked_the_code_out_of_its_owner_cannot_ask_for_a_link_of_his_own(
    visitor: Visitor, newcomer: Newcomer, database: Database, clock: StillClock
) -> None:
    attacker, owner = visitor, newcomer()
    attacker.ask(AMARA)
    attacker.type_code(attacker.letter(AMARA))
    clock.move(minutes=2)
    attacker.post("/again", {"csrf_token": token_on(attacker.get("/status"))})
    assert owner.letter(AMARA).link
    assert not only_visit(database).opens_everything
