"""Deciding: another person, in a role that may, with a fresh passkey, about exactly what they saw, for a reason."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from portal.approvals import deciding
from portal.approvals.kinds import Actor, Payload
from portal.approvals.proposals import digest_of
from portal.approvals.refusals import (
    Changed,
    Gone,
    NotAsked,
    NoteUnfit,
    NotFresh,
    NotTaken,
    ReasonUnknown,
    SamePerson,
    WrongRole,
)
from tests.approvals.bench import KIND, LETTERS, Bench, actor
from tests.requirements import requirement

pytestmark = requirement("ENG-01")


@requirement("STF-05", "STF-11")
def test_a_second_person_agrees_and_the_trail_says_why(bench: Bench) -> None:
    number = bench.propose()
    bench.clock.move(minutes=1)
    bench.approve(number, note="Counted by hand")
    held = bench.get(number)
    assert (held.state, held.decided_by, held.decided_at) == ("APPROVED", "member:dilys", bench.clock())
    assert (held.decision_reason, held.decision_note) == ("contents-checked", "Counted by hand")
    made, agreed = bench.events()
    assert (agreed.kind, agreed.actor, agreed.subject) == ("proposal:approved", "member:dilys", made.subject)
    assert agreed.details == {**made.details, "reason": "contents-checked", "role": "approver"}


@requirement("STF-05", "STF-11")
def test_a_second_person_says_no(bench: Bench) -> None:
    number = bench.propose()
    bench.refuse(number, actor("member:dilys", "approver"))  # a no needs no passkey
    assert (bench.state(number), bench.told()[-1]) == ("REFUSED", "proposal:refused")
    with pytest.raises(Gone):
        bench.approve(number)


@requirement("STF-05")
def test_nobody_decides_about_their_own_proposal(bench: Bench) -> None:
    everything = replace(KIND, apart=False, proposes=frozenset({"operator", "approver"}))
    bench.proposer = bench.dilys
    number = bench.propose(kind=everything)
    with pytest.raises(SamePerson):
        bench.approve(number, kind=everything)
    with pytest.raises(SamePerson):
        bench.refuse(number)
    assert (bench.state(number), bench.told()) == ("OPEN", ["proposal:made"])


@requirement("STF-05")
def test_whom_the_kind_does_not_admit_decides_nothing(bench: Bench) -> None:
    def admits(_: object, payload: Payload, *, who: str, since: datetime, now: datetime) -> bool:
        return payload["slice"] != who

    choosy = replace(KIND, admits=admits)
    number = bench.propose({**LETTERS, "slice": "member:dilys"}, kind=choosy)
    with pytest.raises(NotAsked):
        bench.approve(number, kind=choosy)
    with bench.database.write() as session, pytest.raises(NotAsked):
        deciding.refuse(session, choosy, number, actor=bench.dilys, reason="not-right", now=bench.clock())
    assert (bench.state(number), bench.told()) == ("OPEN", ["proposal:made"])
    bench.approve(number, actor("member:thea", "approver", fresh=bench.clock()), kind=choosy)
    assert bench.state(number) == "APPROVED"


@requirement("STF-05")
def test_only_who_could_decide_is_offered_to(bench: Bench) -> None:
    number = bench.propose()

    def may(who: Actor) -> bool:
        with bench.database.read() as session:
            return deciding.may_decide(session, KIND, bench.get(number), who, now=bench.clock())

    assert may(actor("member:dilys", "approver"))
    assert not may(actor("member:dilys", "approver", "operator"))
    assert not may(actor("member:dilys", "admin"))
    assert not may(actor(bench.proposer.name, "approver"))
    bench.clock.move(hours=2)
    assert not may(actor("member:dilys", "approver"))


@requirement("STF-05")
@pytest.mark.parametrize("state", ["APPROVED", "REFUSED", "DONE"])
def test_the_database_itself_refuses_the_same_person(bench: Bench, state: str) -> None:
    bench.propose()
    decide = text(f"UPDATE proposal SET state = '{state}', decided_at = created_at, decided_by = :who")
    with pytest.raises(IntegrityError, match="second_person"), bench.database.write() as session:
        session.execute(decide, {"who": bench.proposer.name})
    with pytest.raises(IntegrityError, match="decider"), bench.database.write() as session:
        session.execute(decide, {"who": None})
    with bench.database.write() as session:
        session.execute(decide, {"who": "member:dilys"})


@requirement("STF-05")
@pytest.mark.parametrize("roles", [(), ("operator",), ("agent",), ("admin",), ("auditor",), ("approver", "operator")])
def test_a_role_that_may_not_approve_decides_nothing(bench: Bench, roles: tuple[str, ...]) -> None:
    number = bench.propose()
    somebody = actor("member:chen", *roles, fresh=bench.clock())
    for act in (bench.approve, bench.refuse):
        with pytest.raises(WrongRole):
            act(number, somebody)
    assert bench.state(number) == "OPEN"


def test_where_the_kind_says_so_two_of_one_role_will_do(bench: Bench) -> None:
    both = replace(KIND, apart=False, approves=frozenset({"operator"}))
    number = bench.propose(kind=both)
    bench.approve(number, actor("member:chen", "operator", fresh=bench.clock()), kind=both)
    assert bench.state(number) == "APPROVED"


def test_agreeing_needs_a_passkey_of_the_last_five_minutes(bench: Bench) -> None:
    number = bench.propose()
    now, spell = bench.clock(), timedelta(minutes=5)
    for stale in (None, now - spell - timedelta(microseconds=1), now + spell + timedelta(seconds=1)):
        with pytest.raises(NotFresh):
            bench.approve(number, actor("member:dilys", "approver", fresh=stale))
    bench.approve(number, actor("member:dilys", "approver", fresh=now - spell))
    assert bench.state(number) == "APPROVED"


def test_what_was_not_seen_is_not_agreed_to(bench: Bench) -> None:
    number = bench.propose()
    other = digest_of(KIND.name, {**LETTERS, "letters": 4000})
    for seen in ("", other, bench.get(number).digest.upper()):
        with pytest.raises(Changed):
            bench.approve(number, seen=seen)
    assert bench.state(number) == "OPEN"


def test_a_payload_that_no_longer_fits_its_digest_is_not_agreed_to(bench: Bench, tamper: Callable[[str], None]) -> None:
    number = bench.propose()
    tamper("""UPDATE proposal SET payload = '{"letters": 4000, "slice": "affected"}'""")
    assert bench.get(number).payload["letters"] == 4000
    with pytest.raises(Changed):
        bench.approve(number)


@requirement("STF-11")
def test_each_word_needs_a_reason_of_its_own_list(bench: Bench) -> None:
    number = bench.propose()
    for reason in ("", "first", "not-right", "mistake"):
        with pytest.raises(ReasonUnknown):
            bench.approve(number, reason=reason)
    for reason in ("", "first", "contents-checked"):
        with pytest.raises(ReasonUnknown):
            bench.refuse(number, reason=reason)
    with pytest.raises(NoteUnfit):
        bench.approve(number, note="x" * 201)
    assert bench.state(number) == "OPEN"


def test_a_proposal_of_another_kind_or_none_is_not_decided(bench: Bench) -> None:
    number = bench.propose()
    for act in (lambda: bench.approve(number, kind=replace(KIND, name="other")), lambda: bench.withdraw(number + 1)):
        with pytest.raises(Gone):
            act()
    assert bench.state(number) == "OPEN"


def test_a_second_word_comes_too_late(bench: Bench) -> None:
    number = bench.propose()
    bench.approve(number)
    for act in (bench.approve, bench.refuse):
        with pytest.raises(NotTaken):
            act(number, actor("member:another", "approver", fresh=bench.clock()))
    assert bench.get(number).decided_by == "member:dilys"
    assert bench.told().count("proposal:approved") == 1
