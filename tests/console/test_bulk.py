"""One answer to many: rehearsed with a count, ordered once, carried out in small steps, each case once."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select

from portal.cases import bulk
from portal.cases.bulk import BulkAnswer
from portal.cases.case import ANSWERED, NEW, Case
from portal.cases.messages import ANSWER, Message
from portal.cases.reasons import Reason
from tests.console.bench import Colleague, Office
from tests.console.cases import as_it_is, take, written
from tests.visitor import Answer, token_on

REHEARSED = "/staff/desk/bulk?reason=code-fails&brand=&ready=we-fixed-it"
HIDDEN = re.compile(r'<input type="hidden" name="(reason|brand|ready|counted|act)" value="([^"]*)"')


def rehearse(who: Colleague) -> dict[str, str]:
    """The order as the rehearsal's form holds it."""
    page = who.get(REHEARSED)
    return {"csrf_token": token_on(page)} | dict(HIDDEN.findall(page.text))


def order(who: Colleague) -> Answer:
    """Rehearse it, then order it."""
    return who.post("/staff/desk/bulk", rehearse(who))


def answers(office: Office) -> list[object]:
    """The case of each answer that was written."""
    with office.database.read() as session:
        return list(session.scalars(select(Message.case_id).where(Message.kind == ANSWER)))


def test_every_case_of_a_cause_gets_the_answer_in_its_language(
    office: Office, chen: Colleague, work: Callable[[], None]
) -> None:
    some = [written(office, reason=Reason.CODE_FAILS, locale=locale) for locale in ("en", "nl")]
    other, held = written(office), written(office, reason=Reason.CODE_FAILS)
    page = chen.get(REHEARSED).text
    assert "3 cases would get this answer" in page
    assert "Het is hersteld" not in page
    assert "Dank u voor uw melding" in page
    place = order(chen)
    assert place.status == 303, place.text
    take(chen, held)
    work()
    assert sorted(map(str, answers(office))) == sorted(str(case.id) for case in some)
    assert [as_it_is(office, case).state for case in some] == [ANSWERED, ANSWERED]
    assert as_it_is(office, other).state == NEW
    assert "Left to people" in chen.get(place.location).text


def test_sent_twice_it_is_done_once(office: Office, chen: Colleague, work: Callable[[], None]) -> None:
    written(office, reason=Reason.CODE_FAILS)
    sent = rehearse(chen)
    first, second = chen.post("/staff/desk/bulk", sent), chen.post("/staff/desk/bulk", sent)
    assert (first.status, second.status, first.location) == (303, 303, second.location)
    work()
    work()
    assert len(answers(office)) == 1


def test_an_order_for_other_cases_than_were_counted_is_refused(office: Office, chen: Colleague) -> None:
    written(office, reason=Reason.CODE_FAILS)
    sent = rehearse(chen)
    written(office, reason=Reason.CODE_FAILS)
    told = chen.post("/staff/desk/bulk", sent)
    assert (told.status, "Nothing was ordered" in told.text) == (409, True)
    with office.database.read() as session:
        assert session.scalars(select(BulkAnswer)).all() == []


def test_a_worker_that_died_between_goes_on_and_answers_each_once(
    office: Office, chen: Colleague, work: Callable[[], None]
) -> None:
    some = [written(office, reason=Reason.CODE_FAILS) for _ in range(bulk.STEP + 5)]
    order(chen)
    incident = office.app.extensions["incident"]
    with office.database.write() as session:
        assert bulk.answer_some(session, office.keys, incident, now=office.clock())
    assert len(answers(office)) == bulk.STEP

    def die() -> None:
        with office.database.write() as session:
            bulk.answer_some(session, office.keys, incident, now=office.clock())
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        die()
    assert len(answers(office)) == bulk.STEP
    work()
    assert sorted(map(str, answers(office))) == sorted(str(case.id) for case in some)


def test_it_needs_a_fresh_passkey_and_a_cause(office: Office, chen: Colleague) -> None:
    written(office, reason=Reason.CODE_FAILS)
    sent = rehearse(chen)
    assert chen.post("/staff/desk/bulk", sent | {"reason": ""}).status == 400
    assert chen.post("/staff/desk/bulk", sent | {"act": "x"}).status == 400
    office.clock.move(minutes=6)
    assert chen.post("/staff/desk/bulk", sent).status == 403
    with office.database.read() as session:
        assert session.scalars(select(Case.state)).all() == [NEW]
