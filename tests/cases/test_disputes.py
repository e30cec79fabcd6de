"""Disputes: the answer is under review until somebody decides, and its owner loses neither duty nor help meanwhile."""

from datetime import timedelta
from html import unescape

import pytest

from portal.cases import claims, writing
from portal.cases.case import CaseMoved
from portal.cases.reasons import Closure
from portal.cases.writing import DisputeUndecided
from portal.cohort import disputes
from portal.database import Database
from portal.sealing import KeyRing
from tests.cases.bench import CHEN, cases_in, write, write_own
from tests.cast import BO, EMRE
from tests.journey.bench import revise, words
from tests.reset.bench import obligations
from tests.servers.ground import StillClock
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("cast")

REVIEW = "We are looking at your account once more."
AFFECTED = "Your account was part of the incident: data of yours was copied."
SPARED = "Your account was not part of the incident."


def told(visitor: Visitor) -> str:
    """The words of the answer page."""
    return unescape(words(visitor.get("/status").text))


def decide(database: Database, clock: StillClock, decision: str) -> bool:
    """Let Chen decide what the newest case disputes."""
    with database.write() as session:
        return disputes.decide(session, cases_in(database)[-1].id, decision, by=CHEN, now=clock())


def test_a_disputed_answer_is_under_review_until_it_is_decided(
    visitor: Visitor, database: Database, clock: StillClock
) -> None:
    visitor.arrive(BO.address)
    assert SPARED in told(visitor)
    write_own(visitor, "I did buy there.", "result-disputed")
    page = told(visitor)
    assert REVIEW in page
    assert SPARED not in page
    assert "You told us that this answer is wrong" in page
    assert decide(database, clock, disputes.STANDS) is True
    assert SPARED in told(visitor)
    assert decide(database, clock, disputes.STANDS) is False


def test_an_affected_customer_who_disputes_keeps_the_duty_and_what_to_do(visitor: Visitor, database: Database) -> None:
    visitor.arrive(EMRE.address)
    write_own(visitor, "More was taken.", "result-disputed")
    page = told(visitor)
    assert REVIEW in page
    assert "Change your password" in page
    assert "What you need not do" not in page
    assert visitor.get("/next").location == "/password"
    assert len(obligations(database)) == 1


def test_what_was_found_wrong_stays_under_review_until_a_revision_says_it_anew(
    visitor: Visitor, database: Database, clock: StillClock
) -> None:
    visitor.arrive(BO.address)
    write_own(visitor, "I did buy there.", "result-disputed")
    clock.moment -= timedelta(days=4)  # the bench's revisions are of the end of June
    decide(database, clock, disputes.REVISE)
    clock.moment += timedelta(days=4)
    assert REVIEW in told(visitor)
    revise(database, 2, "AFFECTED", ("name",))
    assert AFFECTED in told(visitor)


def test_one_account_is_disputed_once_at_a_time(visitor: Visitor, database: Database, clock: StillClock) -> None:
    visitor.arrive(BO.address)
    for _ in range(2):
        write_own(visitor, "No!", "result-disputed")
    with database.read() as session:
        assert session.query(disputes.Dispute).count() == 1
        assert [disputes.is_about(session, case.id) for case in cases_in(database)] == [True, False]
    assert decide(database, clock, disputes.STANDS) is False


def test_without_a_proof_nothing_comes_under_review(visitor: Visitor, database: Database) -> None:
    write(visitor, "It is wrong.", "result-disputed", BO.address)
    with database.read() as session:
        assert session.query(disputes.Dispute).count() == 0


def test_a_customer_who_closes_the_case_takes_the_dispute_back(visitor: Visitor, database: Database) -> None:
    visitor.arrive(BO.address)
    write_own(visitor, "No!", "result-disputed")
    here = f"/help/mine/{cases_in(database)[0].number}"
    visitor.act(here, f"{here}/closure")
    assert SPARED in told(visitor)


def test_staff_close_no_case_whose_dispute_is_undecided(
    visitor: Visitor, database: Database, clock: StillClock
) -> None:
    visitor.arrive(BO.address)
    write_own(visitor, "No!", "result-disputed")
    case = cases_in(database)[0]
    with database.write() as session:
        version = claims.claim(session, case, case.version, by=CHEN, now=clock())
    for _ in range(2):
        try:
            with database.write() as session:
                writing.close(session, case, version, Closure.SOLVED, by=CHEN, now=clock())
        except DisputeUndecided:
            decide(database, clock, disputes.STANDS)
    assert cases_in(database)[0].state == "CLOSED"


def test_nothing_is_answered_in_a_case_that_ended(
    visitor: Visitor, database: Database, keys: KeyRing, clock: StillClock
) -> None:
    write(visitor)
    case = cases_in(database)[0]
    with database.write() as session:
        writing.take_back(session, case.id, now=clock())
    with pytest.raises(CaseMoved), database.write() as session:
        writing.answer(session, keys, cases_in(database)[0], 2, "Too late.", by=CHEN, now=clock())
