"""Proposing: by a role that may, for a reason of the list, once at a time, for a while."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from portal.approvals import proposals
from portal.approvals.proposals import digest_of
from portal.approvals.refusals import AlreadyProposed, Gone, NoteUnfit, NotYours, ReasonUnknown, WrongRole
from tests.approvals.bench import KIND, LETTERS, Bench, actor
from tests.requirements import requirement

pytestmark = requirement("ENG-01")


def test_a_proposal_is_written_down_and_waits(bench: Bench) -> None:
    number = bench.propose(note="As agreed on Monday")
    held = bench.get(number)
    assert (held.state, held.proposer, held.proposer_role) == ("OPEN", "operator:gus", "operator")
    assert (held.reason, held.note, held.payload) == ("first", "As agreed on Monday", LETTERS)
    assert (held.created_at, held.expires_at) == (bench.clock(), bench.clock() + timedelta(hours=2))
    with bench.database.read() as session:
        assert [one.id for one in proposals.open_ones(session, now=bench.clock())] == [number]


def test_the_trail_has_kind_digest_and_reason_and_no_note(bench: Bench) -> None:
    number = bench.propose(note="As agreed on Monday")
    [event] = bench.events()
    assert (event.kind, event.actor, event.subject) == ("proposal:made", "operator:gus", f"proposal {number}")
    assert event.details == {
        "what": "campaign", "digest": bench.get(number).digest, "reason": "first", "role": "operator"
    }  # fmt: skip


def test_a_digest_is_of_the_kind_and_of_everything_in_the_payload() -> None:
    digest = digest_of("campaign", LETTERS)
    assert digest == digest_of("campaign", dict(reversed(LETTERS.items())))
    others = (("other", LETTERS), ("campaign", {**LETTERS, "letters": 401}), ("campaign", {"letters": 400}))
    others += (("campaign", {**LETTERS, "letters": "400"}), ("campaign", {**LETTERS, "more": ""}))
    assert digest not in {digest_of(*other) for other in others}


@requirement("STF-11")
@pytest.mark.parametrize("reason", ["", "because", "mistake"])
def test_without_a_reason_of_the_list_nothing_is_proposed(bench: Bench, reason: str) -> None:
    with pytest.raises(ReasonUnknown):
        bench.propose(reason=reason)
    assert bench.events() == []


@requirement("STF-11")
@pytest.mark.parametrize("note", ["x" * 201, "two\nlines", "\x1b[2J", "\u202e"])
def test_a_note_is_one_short_printable_line(bench: Bench, note: str) -> None:
    with pytest.raises(NoteUnfit):
        bench.propose(note=note)
    assert bench.propose(note="é" * 200)


@pytest.mark.parametrize("roles", [(), ("approver",), ("agent", "admin")])
def test_another_role_proposes_nothing(bench: Bench, roles: tuple[str, ...]) -> None:
    bench.proposer = actor("member:chen", *roles)
    with pytest.raises(WrongRole):
        bench.propose()


def test_the_very_same_is_proposed_once_at_a_time(bench: Bench) -> None:
    number = bench.propose()
    with pytest.raises(AlreadyProposed) as known:
        bench.propose(reason="more")
    assert known.value.number == number
    assert bench.propose({**LETTERS, "letters": 401}) != number
    assert bench.propose(kind=replace(KIND, name="letters")) != number
    bench.withdraw(number)
    assert bench.propose() > number


@requirement("STF-11")
def test_who_proposed_takes_it_back_for_a_reason(bench: Bench) -> None:
    number = bench.propose()
    with pytest.raises(ReasonUnknown):
        bench.withdraw(number, reason="")
    bench.withdraw(number)
    held = bench.get(number)
    assert (held.state, held.decided_by, held.decision_reason) == ("WITHDRAWN", None, "mistake")
    assert bench.told() == ["proposal:made", "proposal:withdrawn"]
    with pytest.raises(Gone):
        bench.approve(number)


def test_nobody_else_takes_it_back(bench: Bench) -> None:
    number = bench.propose()
    with pytest.raises(NotYours):
        bench.withdraw(number, actor("operator:somebody", "operator"))
    assert bench.state(number) == "OPEN"


def test_what_is_approved_cannot_be_withdrawn(bench: Bench) -> None:
    number = bench.propose()
    bench.approve(number)
    with pytest.raises(Gone):
        bench.withdraw(number)


def test_its_time_is_over_at_the_moment_that_was_said(bench: Bench) -> None:
    number = bench.propose()
    bench.clock.move(minutes=120, microseconds=-1)
    assert bench.expire() == 0
    assert bench.get(number).is_open(bench.clock())
    bench.clock.move(microseconds=1)
    assert not bench.get(number).is_open(bench.clock())
    with bench.database.read() as session:
        assert proposals.open_ones(session, now=bench.clock()) == []
    for act in (bench.approve, bench.refuse, bench.withdraw):
        with pytest.raises(Gone):
            act(number)
    assert bench.state(number) == "OPEN", "the worker has not come yet"
    assert (bench.expire(), bench.expire()) == (1, 0)
    assert bench.state(number) == "EXPIRED"
    assert bench.told() == ["proposal:made", "proposal:expired"]


def test_what_has_expired_can_be_proposed_anew_before_the_worker_comes(bench: Bench) -> None:
    number = bench.propose()
    bench.clock.move(hours=3)
    assert bench.propose() > number
    assert bench.state(number) == "EXPIRED"


@pytest.mark.parametrize(
    "change",
    [
        "payload = '{}'", "digest = 'x'", "proposer = 'somebody'", "kind = 'other'", "reason = 'more'",
        "expires_at = '2030-01-01 00:00:00'",
    ],
)  # fmt: skip
def test_the_database_keeps_a_proposal_as_it_was_made(bench: Bench, change: str) -> None:
    bench.propose()
    with pytest.raises(Exception, match="says what it said"), bench.database.write() as session:
        session.execute(text(f"UPDATE proposal SET {change}"))


def test_the_database_lets_nothing_that_ended_begin_again(bench: Bench) -> None:
    number = bench.propose()
    bench.withdraw(number)
    with pytest.raises(Exception, match="ended"), bench.database.write() as session:
        session.execute(text("UPDATE proposal SET state = 'OPEN', decided_at = NULL"))
