"""Forms of a visit: their token is this visit's; forms of public pages rest on what browsers say of themselves."""

import pytest
from flask import Flask

from portal.database import Database
from tests.identity.bench import cookie, everything
from tests.requirements import requirement
from tests.servers.app import Newcomer
from tests.servers.ground import StillClock
from tests.visitor import Visitor, token_on

pytestmark = pytest.mark.usefixtures("cast")

AMARA, BO = "amara@mail.example", "bo@mail.example"
VISIT_POSTS = ("/leave", "/again")


def acted(database: Database) -> list[object]:
    """What a post of a visit would change."""
    return [row.get("ended_at") for table, row in everything(database) if table in ("visit", "link_request")]


@requirement("SES-08")
@pytest.mark.parametrize("path", VISIT_POSTS)
def test_a_post_of_a_visit_needs_the_token_of_its_own_visit(
    visitor: Visitor, newcomer: Newcomer, database: Database, path: str
) -> None:
    other = newcomer()
    foreign = token_on(other.arrive(BO))
    own = token_on(visitor.arrive(AMARA))
    before = acted(database)
    wrong = ["", "x", foreign, own[:-1], own + "x", own.swapcase(), own.replace(".", ""), cookie(visitor, "ps") or ""]
    for token in wrong:
        assert visitor.post(path, {"csrf_token": token}).status == 403
    assert visitor.post(path, {}).status == 403
    assert visitor.post(path, {"csrf_token": [own, own]}).status == 400
    assert visitor.post(f"{path}?csrf_token={own}", {}).status == 403
    assert visitor.post(path, {}, X_CSRFToken=own).status == 403
    assert acted(database) == before
    assert visitor.post(path, {"csrf_token": own}).status == 303


@requirement("SES-08")
def test_the_token_of_an_earlier_visit_of_the_same_person_is_good_for_nothing(
    visitor: Visitor, clock: StillClock
) -> None:
    earlier = token_on(visitor.arrive(AMARA))
    clock.move(minutes=2)
    visitor.arrive(AMARA)
    assert visitor.post("/leave", {"csrf_token": earlier}).status == 403
    assert visitor.get("/status").status == 200


@requirement("SES-08")
def test_the_token_tells_nothing_of_the_visit(visitor: Visitor, database: Database) -> None:
    token = token_on(visitor.arrive(AMARA))
    [visit] = [row for table, row in everything(database) if table == "visit"]
    assert visit["cookie_digest"].hex() not in token
    assert (cookie(visitor, "ps") or "none") not in visitor.get("/status").text


FOREIGN = {
    "another site": {"Sec-Fetch-Site": "cross-site"},
    "a sister site": {"Sec-Fetch-Site": "same-site"},
    "typed": {"Sec-Fetch-Site": "none"},
    "an old browser elsewhere": {"Origin": "https://evil.example"},
    "an old browser that hides": {"Origin": "null"},
    "a program": {},
}


@requirement("SES-08")
@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN.keys())
def test_a_public_post_from_elsewhere_changes_nothing_and_is_told_why(
    visitor: Visitor, portal: Flask, database: Database, headers: dict[str, str]
) -> None:
    visitor.ask(AMARA)
    letter = visitor.letter(AMARA)
    before, client = everything(database), portal.test_client()
    client.set_cookie("rq", cookie(visitor, "rq") or "")
    link = {"public_id": letter.public_id, "token": letter.token, "code": letter.code}
    stop = {**link, "token": letter.stop_token}
    for path, said in (("/start", {"email": AMARA}), ("/v", link), ("/revoke", stop), ("/revoke/undo", stop)):
        answer = client.post(path, data=said, headers=headers)
        assert answer.status_code == 403
        assert "from our own page" in answer.text
    assert everything(database) == before


@requirement("SES-08")
def test_a_browser_that_tells_its_origin_only_may_post(portal: Flask) -> None:
    asked = portal.test_client().post("/start", data={"email": AMARA}, headers={"Origin": "http://localhost"})
    assert asked.status_code == 303


@requirement("SES-08")
@pytest.mark.parametrize("headers", [FOREIGN["another site"], FOREIGN["a sister site"]])
def test_another_site_cannot_end_a_visit_even_with_its_token(visitor: Visitor, headers: dict[str, str]) -> None:
    token = token_on(visitor.arrive(AMARA))
    left = visitor.browser.ask("POST", "/leave", {"csrf_token": token}, {**headers, "Sec-Fetch-Mode": "navigate"})
    assert left.status == 403
    assert visitor.get("/status").status == 200
