"""Resuming: an interrupted load goes on where it stood, with the same list and with no other."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from portal.audit.trail import AuditEvent
from portal.cohort import contents, lists
from portal.cohort.batches import Written
from portal.cohort.drafts import DraftLost, DraftStands
from portal.cohort.exposures import Exposure
from portal.identity.customers import Customer
from portal.incident.revisions import Revision
from tests.cohort.bench import Bench, people, row
from tests.requirements import requirement

LIST = [row("amara", "AFFECTED", "name;login_details"), *people(2_100)]


@pytest.fixture(autouse=True)
def _in_small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "SIZE", 1_000)


def interrupt(_: int) -> None:
    raise KeyboardInterrupt


@pytest.fixture
def interrupted(bench: Bench) -> Bench:
    """A bench where amara and a hundred others were not affected, and a list that says more was left half loaded."""
    bench.load(row("amara"), *people(100))
    with pytest.raises(KeyboardInterrupt):
        bench.load(*LIST, progress=interrupt)
    return bench


@requirement("ENG-03")
def test_the_same_list_goes_on_where_it_stood(interrupted: Bench) -> None:
    told: list[int] = []
    assert interrupted.answer_for("amara").result == "NOT_AFFECTED", "nobody sees half a list"
    number, written = interrupted.load(*LIST, progress=told.append)
    assert (number, written.before, written.new + written.changed + written.same) == (2, 500, 1_601)
    assert (told[0], sum(told)) == (500, 2_101)
    assert interrupted.answer_for("amara").result == "AFFECTED"
    with interrupted.database.read() as session:
        revision = session.get_one(Revision, 2)
        events = session.scalars(select(AuditEvent).order_by(AuditEvent.id)).all()
        accounts = session.scalar(select(func.count()).select_from(Customer))
        answers = session.scalar(select(func.count()).where(Exposure.until_revision.is_(None)))
    assert (revision.loaded, revision.accounts) == (2_101, 2_101)
    assert (accounts, answers) == (2_101, 2_101)
    assert [event.kind for event in events[-2:]] == ["revision:resumed", "revision:committed"]
    assert events[-2].details == {"loaded": 500}


@pytest.mark.parametrize("size", [1_000, 500], ids=["within a piece", "between two"])
def test_it_holds_what_it_would_hold_without_the_interruption(
    interrupted: Bench, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "SIZE", size)
    loader = interrupted.loader
    interrupted.load(*LIST)
    held = contents.of_draft(loader.database, 2)
    assert (held.new, held.answers) == (2_000, {"AFFECTED": 1, "NOT_AFFECTED": 2_000})


@pytest.mark.parametrize("other", [LIST[:-1], [*LIST, row("bo")], LIST[::-1]], ids=["shorter", "longer", "reordered"])
def test_a_changed_list_is_refused(interrupted: Bench, other: list[dict[str, str]]) -> None:
    with pytest.raises(DraftStands):
        interrupted.load(*other)
    assert interrupted.load(*LIST)[1].before == 500


def test_a_changed_incident_file_is_refused(interrupted: Bench) -> None:
    incident = interrupted.loader.incident
    changed = incident.model_copy(update={"content": incident.content + " "})
    interrupted.loader = type(interrupted.loader)(
        interrupted.database, interrupted.keys, changed, interrupted.loader.clock, "operator"
    )
    with pytest.raises(DraftStands):
        interrupted.load(*LIST)


def test_a_list_is_not_gone_on_with_in_the_order_of_another_key(interrupted: Bench) -> None:
    roster = interrupted.inspected(*LIST)
    with pytest.raises(DraftStands):
        interrupted.loader.load(replace(roster, key_id=roster.key_id + 1), lambda _: None)
    with interrupted.database.write() as session:
        session.get_one(Revision, 2).key_id = None  # as a version left it that loaded in the order of the list
    with pytest.raises(DraftStands):
        interrupted.load(*LIST)


def test_a_draft_from_before_drafts_told_how_far_they_came_is_not_doubled(interrupted: Bench) -> None:
    with interrupted.database.write() as session:
        session.get_one(Revision, 2).loaded = 0
    written = interrupted.load(*LIST)[1]
    assert (written.before, written.new + written.changed + written.same) == (0, 2_101)
    with interrupted.database.read() as session:
        assert session.scalar(select(func.count()).where(Exposure.until_revision.is_(None))) == 2_101


@requirement("ENG-01")
def test_of_two_who_fill_the_same_draft_one_goes_on(bench: Bench) -> None:
    told: list[int] = []

    def go_on_beside(_: int) -> None:
        told.append(1)
        if len(told) == 3:
            raise KeyboardInterrupt
        if len(told) == 1:
            with pytest.raises(KeyboardInterrupt):
                bench.load(*LIST, progress=go_on_beside)

    with pytest.raises(DraftLost):
        bench.load(*LIST, progress=go_on_beside)
    assert len(told) == 3, "the first stops at its next piece"
    assert bench.load(*LIST)[1] == Written(new=1_101, before=1_000)


def test_a_whole_draft_that_waits_for_agreement_is_not_loaded_again(bench: Bench) -> None:
    roster = bench.inspected(*LIST)
    bench.loader.load(roster, lambda _: None, keep=True)
    with pytest.raises(DraftStands):
        bench.loader.load(roster, lambda _: None, keep=True)
