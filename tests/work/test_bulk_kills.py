"""One answer to many, and kill -9 in the middle of it: no case is half answered, and none twice."""

import pytest
from sqlalchemy import func, select

from portal import clock
from portal.cases import bulk, opening
from portal.cases.bulk import BulkCase
from portal.cases.case import ANSWERED, Case
from portal.cases.correspondence import KIND
from portal.cases.messages import ANSWER, Message
from portal.cases.opening import Wish
from portal.cases.queue import Filter
from portal.cases.reasons import Reason
from portal.database import Database
from portal.identity import customers
from portal.identity.customers import Customer
from portal.incident.file import read
from portal.mail.outbox import Letter
from portal.sealing import KeyRing
from portal.tokens import fresh_id
from tests import cast
from tests.requirements import requirement
from tests.rounds import rounds
from tests.servers.ground import EXAMPLE
from tests.servers.waiting import until
from tests.work.conftest import Nursery

KILLS = rounds(3)
CASES = bulk.STEP * (KILLS + 2)


def order(database: Database, keys: KeyRing) -> None:
    """Let many have the same trouble, every other one from a proven visit, and one answer be ordered for all."""
    incident, now = read(EXAMPLE), clock.now()
    people = [cast.Person(f"customer{number:03}", (cast.Account(),)) for number in range(CASES // 2)]
    cast.settle(database, keys, *people)
    brand = incident.brand("stagelight-uk")
    with database.write() as session:
        known = [(customers.stored_address(keys, one), one) for one in session.scalars(select(Customer))]
        whose: list[tuple[str, Customer | None]] = [*known, *([("", None)] * (CASES - len(known)))]
        for address, customer in whose:
            wish = Wish(Reason.CODE_FAILS, "It does not work.", brand.id, brand.origin, "en", address, customer)
            opening.open_case(session, keys, wish, incident.zone, now=now)
    wanted = Filter(reason=Reason.CODE_FAILS)
    with database.write() as session:
        bulk.order(session, fresh_id(), wanted, "we-fixed-it", counted=CASES, by="member:chen", now=now)


def answered(database: Database) -> int:
    """How many cases are answered; each of them wholly, and none of the others in part."""
    with database.read() as session:
        done = set(session.scalars(select(BulkCase.case_id).where(BulkCase.outcome == bulk.ANSWERED)))
        cases = {case.id: case for case in session.scalars(select(Case))}
        said = list(session.scalars(select(Message.case_id).where(Message.kind == ANSWER)))
        letters = list(session.scalars(select(Letter.about).where(Letter.kind == KIND)))
    assert sorted(said) == sorted(done)
    assert {number for number, case in cases.items() if case.state == ANSWERED} == done
    assert not [case for case in cases.values() if case.claimed_by]
    assert sorted(letters) == sorted(number for number in done if cases[number].email_sealed)
    return len(done)


def marked(database: Database) -> int:
    """How many cases the act has come to."""
    with database.read() as session:
        return session.scalar(select(func.count()).where(BulkCase.outcome.is_not(None))) or 0


@requirement("ENG-03")
@pytest.mark.timeout(120)
def test_a_bulk_act_cut_off_by_kills_leaves_nothing_half_done_and_goes_on(
    nursery: Nursery, database: Database, keys: KeyRing
) -> None:
    order(database, keys)
    for _ in range(KILLS):
        before, worker = answered(database), nursery.worker()
        until(lambda before=before: marked(database) > before, "a step of the act")  # type: ignore[misc]
        nursery.end(worker)
        assert before < answered(database) < CASES
    nursery.worker()
    until(lambda: marked(database) == CASES, "the end of the act", seconds=40)
    assert answered(database) == CASES
