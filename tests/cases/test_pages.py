"""A case from end to end: written without a mailbox, answered, read with number and phrase, and closed."""

from portal.database import Database
from portal.sealing import KeyRing
from tests.cases.bench import SENTENCE, answer_it, cases_in, come_back, receipt, said_on, write
from tests.servers.app import Newcomer
from tests.servers.ground import StillClock
from tests.visitor import Visitor


def test_somebody_without_a_mailbox_writes_and_reads_the_answer_elsewhere(
    visitor: Visitor, newcomer: Newcomer, database: Database, keys: KeyRing, clock: StillClock
) -> None:
    number, phrase = receipt(visitor, write(visitor))
    assert answer_it(database, keys, clock) is False
    elsewhere = newcomer()
    page = come_back(elsewhere, number, phrase)
    assert said_on(page) == [SENTENCE, "We can help you."]
    assert "Answered" in page.text
    elsewhere.act("/help/case/read", "/help/case/messages", text="Thank you. One more thing.")
    assert [case.state for case in cases_in(database)] == ["OPEN"]
    closed = elsewhere.act("/help/case/read", "/help/case/closure")
    assert "This message is closed." in elsewhere.get(closed.location).text
    assert [(case.state, case.close_reason) for case in cases_in(database)] == [("CLOSED", "by-customer")]
