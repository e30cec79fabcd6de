"""A revision of a portal with members: it waits as a whole draft until two people agree on exactly its contents."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select, text

from portal.audit.trail import AuditEvent
from portal.cohort import contents, drafts
from portal.incident.revisions import COMMITTED, DRAFT, Revision, current_number
from tests.approvals.second import Second
from tests.cohort.bench import Bench, people, row
from tests.cohort.bench import text as listed
from tests.requirements import requirement

AMARA, BO = row("amara", "AFFECTED", "name;login_details"), row("bo")
PROPOSE = ("cohort", "commit", "--reason", "new-findings")


@pytest.fixture
def second(bench: Bench, portal: Flask, work: Callable[[], None]) -> Second:
    """A portal with members over the bench's database, where amara was affected once."""
    bench.loader = type(bench.loader)(
        bench.database, portal.extensions["portal"].keys, bench.loader.incident, bench.loader.clock, "operator"
    )
    bench.load(AMARA)
    return Second(portal, work)


def load(second: Second, bench: Bench, *rows: dict[str, str]) -> str:
    """Load these rows as an operator; what the command said."""
    told = second.say("cohort", "load", "--for-real", bench.write(listed(rows)))
    assert told.exit_code == 0, told.output
    return told.output


def revision(bench: Bench, number: int = 2) -> Revision | None:
    """A revision as it is now."""
    with bench.database.read() as session:
        return session.get(Revision, number)


def latest(bench: Bench) -> int:
    """The number of the revision that answers."""
    with bench.database.read() as session:
        return current_number(session)


@requirement("STF-05")
def test_a_load_is_a_draft_until_a_second_person_agrees(second: Second, bench: Bench) -> None:
    told = load(second, bench, row("amara"), BO)
    assert "Revision 2 is loaded as a draft, and no answer has changed yet: 1 new account, 1 changed answer" in told
    assert "propose it with `flask cohort commit" in told
    second.work()
    assert (latest(bench), bench.answer_for("amara").result) == (1, "AFFECTED")
    proposal = second.proposed(*PROPOSE)
    second.work()
    assert (latest(bench), bench.answers_for("bo")) == (1, [])
    second.approve(proposal)
    held = revision(bench)
    assert held
    assert (held.state, held.alone, held.committed_at) == (COMMITTED, False, bench.loader.clock())
    assert [bench.answer_for(name).result for name in ("amara", "bo")] == ["WITHDRAWN", "NOT_AFFECTED"]
    assert second.get(proposal.id).state == "DONE"
    with bench.database.read() as session:
        committed = select(AuditEvent).where(
            AuditEvent.kind == "revision:committed", AuditEvent.subject == "revision 2"
        )
        [event] = session.scalars(committed)
    assert event.details == {"accounts": 2, "alone": False, "proposal": proposal.id}


def test_what_is_proposed_is_told_in_counts_and_digests(second: Second, bench: Bench) -> None:
    load(second, bench, row("amara"), BO, *people(1_200, "AFFECTED", "name"))
    proposal = second.proposed(*PROPOSE, "--note", "After the second export")
    assert proposal.payload["new"] == 1_201
    assert (proposal.payload["affected"], proposal.payload["not_affected"]) == (1_200, 2)
    assert "Make revision 2 the answer" in second.say("approvals", "list").output
    told = second.say("approvals", "show", proposal.id).output
    for words in ("Make revision 2 the answer", "1,201", "1,200", "After the second export", proposal.digest):
        assert words in told
    assert "mail.example" not in told + repr(proposal.payload)


@requirement("STF-05")
def test_with_a_no_the_draft_stays_and_can_be_proposed_again(second: Second, bench: Bench) -> None:
    load(second, bench, BO)
    first = second.proposed(*PROPOSE)
    assert f"It is proposal {first.id} already" in second.say(*PROPOSE).output
    second.refuse(first)
    second.work()
    assert latest(bench) == 1
    second.approve(second.proposed(*PROPOSE))
    assert latest(bench) == 2


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE exposure SET result = 'UNKNOWN' WHERE from_revision = 2",
        "DELETE FROM exposure WHERE from_revision = 2 AND result = 'NOT_AFFECTED'",
        "UPDATE exposure SET until_revision = NULL WHERE until_revision = 2",
        "UPDATE customer SET email_index = ref_index WHERE from_revision = 2",
        "UPDATE customer SET minor = (1 = 1) WHERE from_revision = 2",
        "UPDATE revision SET list_digest = 'x' WHERE number = 2",
        "UPDATE revision SET contents = 'x' WHERE number = 2",
    ],
)
def test_what_changed_after_it_was_agreed_on_is_void(second: Second, bench: Bench, change: str) -> None:
    load(second, bench, row("amara"), BO)
    proposal = second.proposed(*PROPOSE)
    second.agree(proposal)
    with bench.database.write() as session:
        session.execute(text(change))
    second.work()
    assert (second.get(proposal.id).state, latest(bench)) == ("VOID", 1)
    assert bench.answer_for("amara", 1).result == "AFFECTED"


def test_discarding_the_draft_ends_its_proposals_and_the_same_list_again_is_another(
    second: Second, bench: Bench
) -> None:
    load(second, bench, BO)
    proposal = second.proposed(*PROPOSE)
    second.agree(proposal)
    assert "The draft of revision 2 is removed." in second.say("cohort", "discard").output
    assert second.get(proposal.id).state == "VOID", "nobody should still see it wait"
    load(second, bench, BO)
    second.work()
    assert (second.get(proposal.id).state, latest(bench)) == ("VOID", 1)
    assert second.proposed(*PROPOSE).digest != proposal.digest


def test_what_is_no_whole_draft_cannot_be_proposed(second: Second, bench: Bench) -> None:
    told = second.say(*PROPOSE)
    assert (told.exit_code, "There is no draft." in told.output) == (1, True)
    with bench.database.write() as session:
        now = bench.loader.clock()
        drafts.start(
            session, bench.loader.incident, list_digest="x", key_id=1, accounts=1, now=now, started_by="somebody"
        )
    told = second.say(*PROPOSE)
    assert (told.exit_code, "The draft is not whole" in told.output) == (1, True)


def test_a_draft_that_lost_a_row_cannot_be_proposed(second: Second, bench: Bench) -> None:
    load(second, bench, BO)
    with bench.database.write() as session:
        session.execute(text("DELETE FROM exposure WHERE from_revision = 2"))
    assert "The draft is not whole" in second.say(*PROPOSE).output


@requirement("STF-11")
def test_a_revision_is_not_proposed_without_a_reason(second: Second, bench: Bench) -> None:
    load(second, bench, BO)
    assert second.say("cohort", "commit").exit_code == 2
    assert second.say("cohort", "commit", "--reason", "because").exit_code == 2
    told = second.say(*PROPOSE, "--note", "x" * 201)
    assert (told.exit_code, "at most 200 characters" in told.output) == (1, True)


def test_where_nobody_else_is_left_the_draft_is_committed_alone(second: Second, bench: Bench) -> None:
    load(second, bench, BO)
    second.portal.extensions["needs_second_person"] = lambda _: False
    assert "Revision 2 is committed, by you alone." in second.say(*PROPOSE).output
    held = revision(bench)
    assert held
    assert (held.state, held.alone) == (COMMITTED, True)


def test_a_withdrawn_proposal_leaves_the_draft(second: Second, bench: Bench) -> None:
    load(second, bench, BO)
    proposal = second.proposed(*PROPOSE)
    told = second.say("approvals", "withdraw", proposal.id, "--reason", "mistake")
    assert f"Proposal {proposal.id} is withdrawn" in told.output
    assert "Nothing waits for a second person." in second.say("approvals", "list").output
    assert "Nothing waits for a decision here" in second.say(
        "approvals", "withdraw", proposal.id, "--reason", "mistake"
    ).output  # fmt: skip
    held = revision(bench)
    assert held
    assert held.state == DRAFT


def test_the_contents_are_the_same_however_they_are_cut(
    second: Second, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    load(second, bench, row("amara"), *people(25))
    whole = contents.of_draft(bench.database, 2)
    for size in (1, 7, 26):
        monkeypatch.setattr("portal.approvals.contents.BATCH", size)
        assert contents.of_draft(bench.database, 2) == whole
    assert (whole.new, whole.answers.total()) == (25, 26)
