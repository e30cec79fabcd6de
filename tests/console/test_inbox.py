"""Approvals in the console: a second person with a fresh passkey, exactly what was looked at, and recovery by two."""

import re

import pytest
from sqlalchemy import select

from portal.approvals import proposals
from portal.approvals.proposals import Proposal
from portal.members import passkeys
from portal.members.roles import Role
from tests.console.bench import Colleague, Office
from tests.requirements import requirement
from tests.visitor import Answer

SEEN = re.compile(r'name="seen" value="([0-9a-f]{64})"')


@pytest.fixture
def chen(office: Office) -> Colleague:
    """Who lost every device."""
    return office.seat("chen", Role.AGENT)


@pytest.fixture
def dilys(office: Office) -> Colleague:
    """An admin, who proposes."""
    return office.seat("dilys", Role.ADMIN)


@pytest.fixture
def emre(office: Office) -> Colleague:
    """An approver."""
    return office.seat("emre", Role.APPROVER)


def propose(colleague: Colleague, about: Colleague) -> str:
    """Propose that somebody begins anew; returns where the proposal is."""
    assert about.person
    told = colleague.do(f"/staff/members/{about.person.id}/recovery", reason="device-lost")
    assert told.status == 303, told.text
    return told.location


def approve(colleague: Colleague, place: str, *, fresh: bool = False, **said: str) -> Answer:
    found = SEEN.search(colleague.get(place).text)
    words = {"reason": "contents-checked", "seen": found[1] if found else "0" * 64, **said}
    return colleague.do(f"{place}/approval", fresh=fresh, **words)


def state(office: Office) -> str | None:
    with office.database.read() as session:
        return session.scalar(select(Proposal.state).order_by(Proposal.id.desc()).limit(1))


def keys_of(office: Office, colleague: Colleague) -> int:
    assert colleague.person
    with office.database.read() as session:
        return len(passkeys.of(session, colleague.person))


@requirement("STF-02")
def test_two_others_let_a_member_begin_anew(office: Office, chen: Colleague, dilys: Colleague, emre: Colleague) -> None:
    place = propose(dilys, chen)
    assert "Let a member begin anew" in emre.get("/staff/approvals").text
    assert "chen (member:" in emre.get(place).text
    assert approve(emre, place).location == place
    assert keys_of(office, chen) == 1
    letter = chen.letter("chen@stagelight.example")
    assert "/staff/join" in letter.plain
    assert (keys_of(office, chen), state(office)) == (0, proposals.DONE)
    assert chen.get("/staff").location == "/staff/enter"
    assert chen.sign_in().status == 400
    assert "Done" in emre.get(place).text


@requirement("STF-02")
@requirement("STF-05")
def test_one_person_is_not_enough(office: Office, chen: Colleague, dilys: Colleague) -> None:
    place = propose(dilys, chen)
    assert SEEN.search(dilys.get(place).text) is None
    with office.database.read() as session:
        digest = session.scalars(select(Proposal.digest)).one()
    told = approve(dilys, place, seen=digest)
    assert told.status == 409
    assert "Somebody else must decide" in told.text
    office.work()
    assert (keys_of(office, chen), state(office)) == (1, proposals.OPEN)


@requirement("STF-02")
def test_nobody_is_one_of_the_two_for_oneself(office: Office, dilys: Colleague, emre: Colleague) -> None:
    assert emre.do(f"/staff/members/{emre.person.id}/recovery", reason="device-lost").status == 403  # type: ignore[union-attr]
    place = propose(dilys, emre)
    shown = emre.get(place).text
    assert "Take it back" not in shown
    assert "Approve" not in re.findall(r"<button.*?>\s*(\w+)", shown)
    with office.database.read() as session:
        seen = session.scalars(select(Proposal.digest)).one()
    told = [approve(emre, place, seen=seen), emre.do(f"{place}/refusal", reason="not-right")]
    assert [answer.status for answer in told] == [409, 409]
    assert all("it is about you" in answer.text for answer in told)
    office.work()
    assert (keys_of(office, emre), state(office)) == (1, proposals.OPEN)


@requirement("STF-05")
def test_who_may_not_agree_is_offered_nothing(
    office: Office, chen: Colleague, dilys: Colleague, emre: Colleague
) -> None:
    place = propose(dilys, chen)
    act = f"{place}/approval"
    assert act in emre.get(place).text
    auditor = office.seat("fatou", Role.AUDITOR)
    assert not any(act in who.get(place).text for who in (dilys, auditor))
    emre.do(f"{place}/refusal", reason="not-now")
    assert act not in emre.get(place).text


@requirement("STF-03")
def test_an_approval_needs_a_fresh_passkey(office: Office, chen: Colleague, dilys: Colleague, emre: Colleague) -> None:
    place = propose(dilys, chen)
    office.clock.move(minutes=6)
    assert approve(emre, place).status == 403
    assert state(office) == proposals.OPEN
    assert approve(emre, place, fresh=True).status == 303


@requirement("STF-05")
def test_a_passkey_that_was_made_meanwhile_voids_it(
    office: Office, chen: Colleague, dilys: Colleague, emre: Colleague
) -> None:
    place = propose(dilys, chen)
    from_elsewhere = chen.device.__class__()  # type: ignore[union-attr]
    chen.do("/staff/passkeys", credential=from_elsewhere.make(chen.challenge()), name="new")
    approve(emre, place)
    office.work()
    assert (keys_of(office, chen), state(office)) == (2, proposals.VOID)


@pytest.mark.parametrize("said", [{"reason": ""}, {"reason": "because"}, {"note": "x" * 201}, {"seen": "0" * 64}])
def test_without_a_reason_or_with_another_digest_nothing_is_agreed(
    office: Office, chen: Colleague, dilys: Colleague, emre: Colleague, said: dict[str, str]
) -> None:
    told = approve(emre, propose(dilys, chen), **said)
    assert told.status in (400, 409)
    assert "There is a problem" in told.text
    assert state(office) == proposals.OPEN


def test_a_second_person_may_say_no(office: Office, chen: Colleague, dilys: Colleague, emre: Colleague) -> None:
    place = propose(dilys, chen)
    assert emre.do(f"{place}/refusal", reason="not-explained", note="call me").status == 303
    office.work()
    assert (keys_of(office, chen), state(office)) == (1, proposals.REFUSED)


def test_who_proposed_may_take_it_back_and_nobody_else(
    office: Office, chen: Colleague, dilys: Colleague, emre: Colleague
) -> None:
    place = propose(dilys, chen)
    assert emre.do(f"{place}/withdrawal", reason="mistake").status == 409
    assert dilys.do(f"{place}/withdrawal", reason="mistake").status == 303
    assert state(office) == proposals.WITHDRAWN


@requirement("STF-16")
def test_nobody_proposes_that_who_is_shut_out_begins_anew(office: Office, chen: Colleague, dilys: Colleague) -> None:
    assert chen.person
    place = f"/staff/members/{chen.person.id}"
    assert dilys.do(f"{place}/closure").status == 303
    assert "Lost every device?" not in dilys.get(place).text
    assert dilys.do(f"{place}/recovery", reason="device-lost").status == 409
    assert state(office) is None


def test_who_begins_anew_does_so_for_a_reason(chen: Colleague, dilys: Colleague) -> None:
    assert chen.person
    told = dilys.do(f"/staff/members/{chen.person.id}/recovery", reason="")
    assert (told.status, 'href="#other-reason"' in told.text) == (400, True)


def test_the_same_is_proposed_once(office: Office, chen: Colleague, dilys: Colleague, emre: Colleague) -> None:
    assert propose(dilys, chen) == propose(emre, chen)


def test_an_agent_sees_no_approvals(chen: Colleague) -> None:
    assert chen.get("/staff/approvals").status == 403


def test_a_proposal_that_never_was_is_no_page(emre: Colleague) -> None:
    assert emre.get("/staff/approvals/77").status == 404
    assert emre.do("/staff/approvals/77/approval", reason="contents-checked", seen="0" * 64).status == 404
