"""Visits: named afresh by each proof, known by a digest, over after a while, and for recovery only."""

import re

import pytest
from flask import Flask

from portal.database import Database
from portal.identity.visits import FRESH, Visit
from portal.sealing import KeyRing
from portal.tokens import fresh_token, is_token
from tests.identity.bench import cookie, everything, give_cookie
from tests.requirements import requirement
from tests.servers.app import MakePortal
from tests.servers.ground import StillClock
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("cast")

AMARA, BO = "amara@mail.example", "bo@mail.example"
ATTRIBUTES = "Secure; HttpOnly; Path=/; SameSite=Strict"


def visits_of(database: Database) -> list[Visit]:
    """Every visit, the oldest first."""
    return [Visit(**row) for table, row in everything(database) if table == "visit"]


class TestInProduction:
    """What only https can show."""

    @pytest.fixture
    def portal(self, make_portal: MakePortal) -> Flask:
        """The application as in production."""
        return make_portal(origin="https://localhost", environment="production", postbox="smtp", smtp_host="localhost")

    @requirement("SES-01")
    def test_cookies_are_bound_to_this_host_and_to_strict_same_site_requests(self, visitor: Visitor) -> None:
        asked = visitor.ask(AMARA)
        proved = visitor.follow(visitor.letter(AMARA))
        left = visitor.act("/status", "/leave")
        said = [line for answer in (asked, proved, left) for line in answer.cookies]
        shapes = {
            re.sub(r"=[0-9a-z]{50};|=;", "=…;", re.sub(r"Expires=[^;]+; |Max-Age=\d+; ", "", one)) for one in said
        }
        assert shapes == {f"__Host-rq=…; {ATTRIBUTES}", f"__Host-ps=…; {ATTRIBUTES}"}
        assert len(said) == 5
        assert not any("domain" in line.lower() for line in said)

    @requirement("SES-01")
    def test_the_visit_is_kept_for_an_hour_and_the_asking_cookie_for_a_day(self, visitor: Visitor) -> None:
        [asked] = visitor.ask(AMARA).cookies
        proved = visitor.follow(visitor.letter(AMARA)).cookies
        assert "Max-Age=86400;" in asked
        assert [("ps" in line, "Max-Age=3600;" in line) for line in proved] == [(True, True), (False, False)]


@requirement("SES-02")
def test_a_proof_names_the_visit_afresh_and_deletes_the_asking_cookie(visitor: Visitor, database: Database) -> None:
    planted = fresh_token()
    give_cookie(visitor, "ps", planted)
    visitor.ask(AMARA)
    proved = visitor.follow(visitor.letter(AMARA))
    assert is_token(cookie(visitor, "ps") or "")
    assert cookie(visitor, "ps") != planted
    assert cookie(visitor, "rq") is None
    assert any(line.startswith("rq=; ") and "Max-Age=0;" in line for line in proved.cookies)
    give_cookie(visitor, "ps", planted)
    assert visitor.get("/status").location == "/"
    assert len(visits_of(database)) == 1


@requirement("SES-02")
def test_a_second_proof_ends_the_name_of_the_first(visitor: Visitor, clock: StillClock) -> None:
    visitor.arrive(AMARA)
    first = cookie(visitor, "ps") or ""
    clock.move(minutes=2)
    visitor.arrive(AMARA)
    assert cookie(visitor, "ps") != first
    give_cookie(visitor, "ps", first)
    assert visitor.get("/status").location == "/"


@requirement("SES-03")
def test_only_a_digest_of_the_visits_name_is_stored(visitor: Visitor, database: Database, keys: KeyRing) -> None:
    visitor.arrive(AMARA)
    name = cookie(visitor, "ps") or ""
    [visit] = visits_of(database)
    assert visit.cookie_digest == keys.mac("visit cookie", name)
    assert name not in repr(everything(database))


@requirement("SES-04")
@pytest.mark.parametrize(("seconds", "is_open"), [(-1, True), (0, False), (1, False)])
def test_a_visit_ends_after_a_quarter_of_an_hour_without_a_page(
    visitor: Visitor, clock: StillClock, seconds: int, is_open: bool
) -> None:
    visitor.arrive(AMARA)
    for minutes in (5, 14):
        clock.move(minutes=minutes)
        assert visitor.get("/status").status == 200
    clock.move(minutes=15, seconds=seconds)
    assert (visitor.get("/status").status == 200) is is_open
    assert ("still open" in visitor.get("/leave").text) is is_open


@requirement("SES-04")
@pytest.mark.parametrize(("seconds", "is_open"), [(-1, True), (0, False), (1, False)])
def test_a_visit_ends_after_an_hour_however_busy(
    visitor: Visitor, clock: StillClock, seconds: int, is_open: bool
) -> None:
    visitor.arrive(AMARA)
    for _ in range(5):
        clock.move(minutes=10)
        assert visitor.get("/status").status == 200
    clock.move(minutes=10, seconds=seconds)
    assert (visitor.get("/status").status == 200) is is_open


@requirement("SES-05")
def test_a_proof_is_fresh_for_twenty_minutes(clock: StillClock) -> None:
    visit = Visit(proved_at=clock(), proved_by="cookie+link")
    assert visit.is_fresh(clock.move(minutes=20))
    assert not visit.is_fresh(clock.move(seconds=1))
    assert FRESH.total_seconds() == 20 * 60


@requirement("SES-05")
def test_a_visitor_gets_a_fresh_link_without_typing_the_address_again(
    visitor: Visitor, clock: StillClock, database: Database
) -> None:
    visitor.arrive(AMARA)
    for _ in range(2):
        clock.move(minutes=13)
        visitor.get("/status")
    again = visitor.act("/status", "/again", email=BO)
    assert (again.status, again.location) == (303, "/sent")
    assert is_token(cookie(visitor, "rq") or "")
    letter = visitor.letter(AMARA)
    assert visitor.mailbag(BO) == []
    assert visitor.follow(letter).location == "/status"
    old, new = visits_of(database)
    assert old.ended_at == clock()
    assert (new.is_fresh(clock()), old.is_fresh(clock())) == (True, False)


@requirement("SES-06")
def test_leaving_ends_the_visit_on_the_server(visitor: Visitor, database: Database, clock: StillClock) -> None:
    visitor.arrive(AMARA)
    name = cookie(visitor, "ps") or ""
    left = visitor.act("/status", "/leave")
    assert (left.status, left.location) == (303, "/leave")
    assert left.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert sorted(line.split("; ")[0] for line in left.cookies) == ["ps=", "rq="]
    assert cookie(visitor, "ps") is None
    assert "has ended" in visitor.get("/leave").text
    give_cookie(visitor, "ps", name)
    assert visitor.get("/status").location == "/"
    assert visits_of(database)[0].ended_at == clock()


@requirement("SES-07")
def test_a_visit_opens_these_pages_and_gives_out_these_cookies_only(visitor: Visitor, portal: Flask) -> None:
    views = portal.view_functions
    posts = {
        rule.rule for rule in portal.url_map.iter_rules() if getattr(views[rule.endpoint], "post_class", "") == "visit"
    }
    helping = {"/help/mine", "/help/mine/case", "/help/mine/helper", "/help/mine/stop", "/help/words", "/helping"}
    assert posts == {"/leave", "/again", "/password", "/code", *helping}
    proved = [visitor.ask(AMARA), visitor.follow(visitor.letter(AMARA)), visitor.get("/status"), visitor.get("/leave")]
    assert {line.split("=")[0] for answer in proved for line in answer.cookies} == {"rq", "ps"}
    assert not any(name.lower() == "authorization" for answer in proved for name in dict(answer.headers))


@requirement("SES-10")
def test_nobody_may_keep_an_answer_of_a_visit(visitor: Visitor) -> None:
    answers = [visitor.get("/status"), visitor.arrive(AMARA), visitor.get("/leave"), visitor.act("/status", "/again")]
    answers += [visitor.post("/v", {"code": "x"}), visitor.post("/leave"), visitor.act("/status", "/leave")]
    for answer in answers:
        assert (answer.headers["Cache-Control"], answer.headers["Vary"]) == ("no-store", "Cookie")
