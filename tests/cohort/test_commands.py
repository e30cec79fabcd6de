"""The commands: they rehearse unless told otherwise, answer in a sentence, and name no customer."""

import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from portal.approvals import door as approvals
from portal.cohort import drafts, spool
from portal.cohort.commands import cohort
from portal.cohort.door import REVISION
from portal.database import Database
from portal.extensions import Ground
from portal.incident.revisions import current_number
from tests.cohort.bench import Bench, everything, people, row, text
from tests.requirements import requirement
from tests.servers.databases import url_of
from tests.servers.ground import MakeSettings

Say = Callable[..., Result]

AMARA, BO = row("amara", "AFFECTED", "name;login_details"), row("bo", country="US")


@pytest.fixture
def flask(bench: Bench, settings: MakeSettings) -> Say:
    """Says a command to the cohort room, on the ground of the bench."""
    app = Flask("portal")
    ground = Ground(settings(database_url=url_of(bench.database)), bench.loader.clock)
    app.extensions.update(portal=ground, incident=bench.loader.incident)
    approvals.init_app(app, [REVISION], approvals.nobody_else)
    app.cli.add_command(cohort)

    def say(*words: str | Path) -> Result:
        try:
            return app.test_cli_runner().invoke(args=["cohort", *map(str, words)])
        finally:
            ground.database.close()

    return say


def test_a_load_rehearses_unless_told_otherwise(bench: Bench, flask: Say) -> None:
    before = everything(bench.database)
    told = flask("load", bench.write(text([AMARA, BO])))
    assert told.exit_code == 0
    assert "This was a rehearsal: the list is sound (2 accounts), and nothing was changed." in told.output
    assert everything(bench.database) == before


@requirement("USE-09")
def test_a_load_that_finds_no_room_for_what_the_list_says_tells_so(
    bench: Bench, flask: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything(bench.database)
    listed = bench.write(text([AMARA, BO]))
    monkeypatch.setattr(spool, "BLOCK", 1)
    monkeypatch.setattr(tempfile, "tempdir", str(bench.folder / "nowhere"))
    told = flask("load", listed, "--for-real")
    assert told.exit_code == 1
    assert "could not be kept while it is checked: No such file or directory. Nothing was changed." in told.output
    assert everything(bench.database) == before


def test_a_load_for_real_makes_a_revision_and_says_so(bench: Bench, flask: Say) -> None:
    told = flask("load", bench.write(text([AMARA, BO])), "--for-real", "--expect-rows", "2")
    assert told.exit_code == 0
    assert (
        "Revision 1 is committed, by you alone: 2 new accounts, 0 changed answers, 0 answers as before." in told.output
    )
    assert [bench.answer_for(name).result for name in ("amara", "bo")] == ["AFFECTED", "NOT_AFFECTED"]


def test_an_address_that_differs_is_counted_and_explained(bench: Bench, flask: Say) -> None:
    bench.load(AMARA)
    told = flask("load", bench.write(text([{**AMARA, "email": "fatou@mail.example"}])), "--for-real")
    assert "1 known account had another address in this list; the stored one was kept" in told.output


@requirement("USE-09")
def test_a_refused_list_is_explained_without_naming_a_customer(bench: Bench, flask: Say) -> None:
    before = everything(bench.database)
    broken = bench.write(text([AMARA, {**BO, "country": "XX", "email": "bo.mail.example"}]))
    told = flask("load", broken, "--for-real")
    assert told.exit_code == 1
    assert "refused whole; nothing was changed. 2 faults:" in told.output
    assert "line 3: an unknown country" in told.output
    assert "line 3: a bad address: not exactly one @" in told.output
    assert "amara" not in told.output
    assert "bo" not in told.output.replace("about", "")
    assert everything(bench.database) == before


def test_a_standing_draft_is_told_kindly_and_can_be_discarded(bench: Bench, flask: Say) -> None:
    with bench.database.write() as session:
        now = bench.loader.clock()
        drafts.start(
            session, bench.loader.incident, list_digest="x", key_id=1, accounts=1, now=now, started_by="somebody"
        )
    told = flask("load", bench.write(text([AMARA])), "--for-real")
    assert told.exit_code == 1
    assert "Another list is being loaded, was left half loaded, or waits for a second person." in told.output
    assert "Nothing was changed by this one." in told.output
    assert "The draft of revision 1 is removed." in flask("discard").output
    assert "There is no draft; nothing was changed." in flask("discard").output
    assert flask("load", bench.write(text([AMARA])), "--for-real").exit_code == 0


def test_counts_are_shown_as_of_any_revision(bench: Bench, flask: Say) -> None:
    assert "There is no revision yet." in flask("show").output
    bench.load(AMARA, BO, *people(1_000))
    bench.load(row("amara"))
    latest, first = flask("show").output, flask("show", "1").output
    assert "1,002 accounts as of revision 2; the latest is 2." in latest
    assert "withdrawn" in latest
    assert "withdrawn" not in first
    assert "login_details" in first
    assert flask("show", "3").exit_code == 1


def test_the_trail_names_who_sits_at_the_keyboard(bench: Bench, flask: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOGNAME", "USER", "USERNAME", "LNAME"):
        monkeypatch.setenv(name, "somebody-else")
    flask("load", bench.write(text([AMARA])), "--for-real")
    events = everything(bench.database)["audit_event"]
    assert len(events) == 2
    assert "somebody-else" not in repr(events)


def test_a_draft_is_no_revision(bench: Bench, database: Database) -> None:
    with database.write() as session:
        now = bench.loader.clock()
        drafts.start(
            session, bench.loader.incident, list_digest="x", key_id=1, accounts=1, now=now, started_by="somebody"
        )
        assert current_number(session) == 0
