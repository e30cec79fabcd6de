"""Claims: one member works on a case at a time; a version that is not the latest writes nothing."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy.exc import IntegrityError

from portal.cases import claims, messages, writing
from portal.cases.case import CaseMoved, change
from portal.cases.reasons import Closure, Handing
from portal.database import Database
from portal.sealing import KeyRing
from tests.cases.bench import CHEN, cases_in, come_back, receipt, said_on, write
from tests.requirements import requirement
from tests.servers.ground import StillClock
from tests.visitor import Visitor

DILYS = "member:dilys"


def claim(database: Database, clock: StillClock, who: str) -> int:
    """Let somebody claim the case; raises CaseMoved."""
    case = cases_in(database)[0]
    with database.write() as session:
        return claims.claim(session, case, case.version, by=who, now=clock())


@requirement("STF-12")
def test_a_claimed_case_is_anothers_for_a_quarter_of_an_hour(
    visitor: Visitor, database: Database, clock: StillClock
) -> None:
    write(visitor)
    claim(database, clock, CHEN)
    clock.move(minutes=14, seconds=59)
    with pytest.raises(CaseMoved):
        claim(database, clock, DILYS)
    clock.move(seconds=1)
    claim(database, clock, DILYS)


@requirement("STF-12")
def test_of_many_who_claim_at_once_one_gets_it(visitor: Visitor, database: Database, clock: StillClock) -> None:
    write(visitor)
    [case] = cases_in(database)

    def reach(number: int) -> bool:
        try:
            with database.write() as session:
                return claims.claim(session, case, 1, by=f"member:{number}", now=clock()) == 2
        except CaseMoved:
            return False

    with ThreadPoolExecutor(8) as crowd:
        assert sum(crowd.map(reach, range(16))) == 1


@requirement("STF-12")
def test_nobody_writes_without_the_claim_or_over_what_another_wrote(
    visitor: Visitor, database: Database, keys: KeyRing, clock: StillClock
) -> None:
    come_back(visitor, *receipt(visitor, write(visitor)))
    version = claim(database, clock, CHEN)
    case = cases_in(database)[0]
    stale, foreign = (version - 1, CHEN), (version, DILYS)
    for tried, who in (stale, foreign):
        with pytest.raises(CaseMoved), database.write() as session:
            writing.answer(session, keys, case, tried, "No.", by=who, now=clock())
        with pytest.raises(CaseMoved), database.write() as session:
            writing.close(session, case, tried, Closure.SOLVED, by=who, now=clock())
        with pytest.raises(CaseMoved), database.write() as session:
            claims.release(session, case, tried, by=who)
    visitor.act("/help/case/read", "/help/case/messages", text="Meanwhile this.")
    with pytest.raises(CaseMoved), database.write() as session:
        writing.answer(session, keys, case, version, "Too late.", by=CHEN, now=clock())
    assert said_on(visitor.get("/help/case/read"))[1:] == ["Meanwhile this."]


@requirement("STF-12")
def test_a_claim_that_is_over_writes_nothing(
    visitor: Visitor, database: Database, keys: KeyRing, clock: StillClock
) -> None:
    write(visitor)
    version = claim(database, clock, CHEN)
    case = cases_in(database)[0]
    clock.move(minutes=15)
    with pytest.raises(CaseMoved), database.write() as session:
        writing.note(session, keys, case, version, "Too late.", by=CHEN, now=clock())


@requirement("STF-12")
def test_nobody_is_given_a_case_that_moved_on(visitor: Visitor, database: Database, clock: StillClock) -> None:
    write(visitor)
    version = claim(database, clock, CHEN)
    case, said = cases_in(database)[0], {"to": DILYS, "why": Handing.ABSENT, "by": DILYS, "now": clock()}
    with pytest.raises(CaseMoved), database.write() as session:
        claims.assign(session, case, version - 1, **said)  # type: ignore[arg-type]
    with pytest.raises(CaseMoved), database.write() as session:
        claims.claim(session, case, version - 1, by=CHEN, now=clock())


def test_notes_are_for_the_staff_alone(visitor: Visitor, database: Database, keys: KeyRing, clock: StillClock) -> None:
    come_back(visitor, *receipt(visitor, write(visitor)))
    version = claim(database, clock, CHEN)
    case = cases_in(database)[0]
    with database.write() as session:
        writing.note(session, keys, case, version, "He sounded nervous.", by=CHEN, now=clock())
    assert "nervous" not in visitor.get("/help/case/read").text
    with database.read() as session:
        assert [one.kind for one in messages.of(session, keys, case.id, notes=True)] == ["CUSTOMER", "NOTE"]


@pytest.mark.parametrize(
    "said",
    [{"state": "CLOSED"}, {"close_reason": "solved"}, {"state": "GONE"}, {"reason": "whim"}, {"claimed_by": "x"}],
)
def test_the_database_itself_refuses_what_cannot_be(
    visitor: Visitor, database: Database, clock: StillClock, said: dict[str, str]
) -> None:
    write(visitor)
    with pytest.raises(IntegrityError), database.write() as session:
        change(session, cases_in(database)[0].id, 1, now=clock(), **said)
