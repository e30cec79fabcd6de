"""Loading: a draft is invisible, one UPDATE makes it the truth, and neither a crash nor a race leaves half of it."""

import pytest
from sqlalchemy import select

from portal.audit.trail import AuditEvent
from portal.cohort import drafts
from portal.cohort.batches import Written
from portal.cohort.drafts import DraftLost, DraftStands
from portal.identity.customers import Customer, stored_address
from portal.incident.revisions import COMMITTED, DRAFT, ArchivedFile, Revision
from tests.cohort.bench import Bench, everything, people, row, text
from tests.requirements import requirement

AMARA, BO = row("amara", "AFFECTED", "name;login_details"), row("bo")


@requirement("ENG-01")
def test_a_list_becomes_the_first_revision(bench: Bench) -> None:
    number, written = bench.load(AMARA, BO)
    assert (number, written) == (1, Written(new=2))
    with bench.database.read() as session:
        revision = session.get_one(Revision, 1)
        archived = session.get_one(ArchivedFile, revision.file_digest)
    assert (revision.state, revision.accounts, revision.alone) == (COMMITTED, 2, True)
    assert (revision.started_by, revision.committed_at) == ("operator", bench.loader.clock())
    assert archived.content == bench.loader.incident.content


def test_a_load_is_in_the_trail_without_any_customer(bench: Bench) -> None:
    bench.load(AMARA)
    with bench.database.read() as session:
        events = session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
    assert [event.kind for event in events] == ["revision:drafted", "revision:committed"]
    assert {event.actor for event in events} == {"operator"}
    assert {event.subject for event in events} == {"revision 1"}
    assert events[1].details["alone"] is True
    assert "amara" not in str([event.details for event in events])


def test_neither_address_nor_reference_can_be_read_from_the_database(bench: Bench) -> None:
    bench.load(AMARA)
    rows = repr(everything(bench.database))
    assert "amara" not in rows
    assert "mail.example" not in rows.replace(bench.loader.incident.content, "").replace(
        repr(bench.loader.incident.content), ""
    )
    with bench.database.read() as session:
        assert stored_address(bench.keys, session.scalars(select(Customer)).one()) == "amara@mail.example"


def test_a_draft_is_seen_by_nobody_until_it_is_committed(bench: Bench) -> None:
    bench.load(AMARA)
    seen: list[object] = []

    def look(_: int) -> None:
        seen.extend((bench.answer_for("amara").result, len(bench.accounts_of("bo"))))

    bench.load(row("amara"), BO, progress=look)
    assert seen == ["AFFECTED", 0]
    assert bench.answer_for("amara").result == "WITHDRAWN"
    assert bench.answer_for("bo").result == "NOT_AFFECTED"


def test_a_second_load_is_refused_while_a_draft_stands(bench: Bench) -> None:
    def load_another(_: int) -> None:
        before = everything(bench.database)
        with pytest.raises(DraftStands):
            bench.load(BO)
        assert everything(bench.database) == before

    bench.load(AMARA, progress=load_another)
    assert bench.answers_for("bo") == []


CHANGED = (text([AMARA, row("emre")]), text([AMARA]), "", text([AMARA, BO])[:-9], text([BO, BO]))


@pytest.mark.parametrize("content", CHANGED)
def test_what_was_checked_is_loaded_whatever_becomes_of_the_file(content: str, bench: Bench) -> None:
    bench.load(AMARA)
    roster = bench.inspected(row("amara"), BO)
    bench.write(content)
    assert bench.loader.load(roster, lambda _: None) == (2, Written(new=1, changed=1))
    assert [bench.answer_for(name).result for name in ("amara", "bo")] == ["WITHDRAWN", "NOT_AFFECTED"]
    assert bench.answers_for("emre") == []


def test_a_draft_that_was_discarded_can_be_neither_filled_nor_committed(bench: Bench) -> None:
    def discard(_: int) -> None:
        drafts.discard(bench.database, bench.loader.clock(), "dilys")

    with pytest.raises(DraftLost):
        bench.load(*people(600), progress=discard)
    with pytest.raises(DraftLost):
        bench.load(AMARA, progress=discard)
    held = everything(bench.database)
    assert held["customer"] == held["exposure"] == held["revision"] == []


def test_a_load_that_lost_its_draft_does_not_commit_the_next_one(bench: Bench) -> None:
    def replace(_: int) -> None:
        now = bench.loader.clock()
        drafts.discard(bench.database, now, "dilys")
        with bench.database.write() as session:
            drafts.start(
                session, bench.loader.incident, list_digest="x", key_id=1, accounts=1, now=now, started_by="dilys"
            )

    with pytest.raises(DraftLost):
        bench.load(AMARA, progress=replace)
    with bench.database.read() as session:
        assert session.get_one(Revision, 1).state == DRAFT
