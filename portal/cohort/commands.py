"""`flask cohort`: load a customer list into a new revision, propose it, look at one, remove a draft."""

from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy.exc import DBAPIError

from portal.approvals.door import REFUSALS, needs_second_person, propose_here, what_now
from portal.approvals.refusals import AlreadyProposed, NotTaken
from portal.cohort import drafts, proposals, roster, tally
from portal.cohort.batches import Written
from portal.cohort.door import REVISION
from portal.cohort.drafts import Draft, DraftLost, DraftStands
from portal.cohort.faults import ListRefused
from portal.cohort.loading import Loader
from portal.cohort.proposals import NotWhole
from portal.cohort.roster import ListChanged, Roster
from portal.cohort.screen import print_tally, progress_bar
from portal.database import is_outage
from portal.extensions import ground
from portal.incident.door import current_incident
from portal.incident.revisions import Revision, current_number
from portal.keyboard import operator

cohort = AppGroup("cohort", help="Who was affected: load lists, look at revisions.")

STANDS = (
    "Another list is being loaded, was left half loaded, or waits for a second person. "
    "Nothing was changed by this one.\n"
    "Load that list again to go on with it, or remove what it left with `flask cohort discard`, then load this one."
)
LOST = "Somebody else discarded this draft, or goes on with it. No answer was changed by this load."
INTERRUPTED = (
    "The load was interrupted. No answer has changed.\n"
    "Load the same list again to go on, or remove the draft with `flask cohort discard`."
)
CHANGED = "The file was changed while it was being read. No answer has changed; load it again."
NOT_WHOLE = (
    "The draft is not whole: it is still being loaded, or was interrupted or changed. Nothing was changed.\n"
    "If no load is running, remove it with `flask cohort discard`, then load again."
)
OUTAGE = (
    "The database did not answer. No answer has changed.\n"
    "When it is back, load the same list again to go on, or remove the draft with `flask cohort discard`."
)


@cohort.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--for-real", is_flag=True, help="Make a new revision; without this it is a rehearsal.")
@click.option("--expect-rows", type=click.IntRange(min=1), help="Refuse the list if it has not this many accounts.")
def load(file: Path, for_real: bool, expect_rows: int | None) -> None:
    """Check a customer list, and load it as a new revision."""
    try:
        checked = roster.inspect(file, current_incident(), expect_rows)
    except ListRefused as refusal:
        total = refusal.faults.total
        raise click.ClickException(
            f"The list is refused whole; nothing was changed. {_count(total, 'fault')}:{refusal}"
        ) from None
    print_tally(checked.tally)
    if for_real:
        _load(checked)
    else:
        click.echo(
            f"This was a rehearsal: the list is sound ({_count(checked.accounts, 'account')}), and nothing was changed."
            " Say --for-real to load it."
        )


@cohort.command("discard")
def discard() -> None:
    """Remove a draft that nobody is to go on with."""
    number = drafts.discard(ground().database, ground().clock(), operator())
    if number is None:
        click.echo("There is no draft; nothing was changed.")
    else:
        click.echo(f"The draft of revision {number} is removed. No answer has changed.")


@cohort.command("commit")
@click.option("--reason", type=click.Choice(list(REVISION.reasons)), required=True, help="Why its answers are right.")
@click.option("--note", default="", help="A line about it, without names of customers.")
def commit(reason: str, note: str) -> None:
    """Propose the draft that was loaded; with no one else to agree, make it the answer."""
    held = ground()
    with held.database.read() as session:
        draft, alone = proposals.standing_draft(session), not needs_second_person(session)
    if draft is None:
        raise click.ClickException("There is no draft. Load a list first, with `flask cohort load`.")
    try:
        click.echo(_commit_alone(draft) if alone else _propose(draft, reason, note))
    except (NotWhole, DraftLost):
        raise click.ClickException(NOT_WHOLE) from None
    except AlreadyProposed as known:
        raise click.ClickException(f"It is proposal {known.number} already; nothing was changed.") from None
    except NotTaken as refusal:
        raise click.ClickException(str(REFUSALS[type(refusal)])) from None


@cohort.command("show")
@click.argument("number", type=click.IntRange(min=1), required=False)
def show(number: int | None) -> None:
    """Count the answers as of a revision, the latest one if none is named."""
    with ground().database.read() as session:
        current = current_number(session)
        wanted = number or current
        if not 0 < wanted <= current:
            raise click.ClickException(f"There is no revision {wanted}." if number else "There is no revision yet.")
        counts = tally.of_revision(session, wanted)
    print_tally(counts)
    click.echo(f"{_count(counts.accounts, 'account')} as of revision {wanted}; the latest is {current}.")


def _load(checked: Roster) -> None:
    loader = Loader(ground().database, ground().keys, current_incident(), ground().clock, operator())
    with ground().database.read() as session:
        keep = needs_second_person(session)
    try:
        with progress_bar(checked.accounts) as progress:
            number, written = loader.load(checked, progress, keep=keep)
    except DraftStands:
        raise click.ClickException(STANDS) from None
    except DraftLost:
        raise click.ClickException(LOST) from None
    except ListChanged:
        raise click.ClickException(CHANGED) from None
    except KeyboardInterrupt:
        raise click.ClickException(INTERRUPTED) from None
    except DBAPIError as error:
        if not is_outage(error):
            raise
        raise click.ClickException(OUTAGE) from None
    click.echo(_report(number, written, keep=keep))


def _propose(draft: Revision, reason: str, note: str) -> str:
    payload = proposals.payload_of(ground().database, draft)
    with ground().database.write() as session:
        return what_now(propose_here(session, REVISION, payload, reason, note))


def _commit_alone(draft: Revision) -> str:
    if draft.contents is None:
        raise NotWhole
    with ground().database.write() as session:
        drafts.commit(session, Draft(draft.number, draft.list_digest, draft.started_by, draft.loaded), ground().clock())
    return f"Revision {draft.number} is committed, by you alone."


def _report(number: int, written: Written, *, keep: bool) -> str:
    done = "is loaded as a draft, and no answer has changed yet" if keep else "is committed, by you alone"
    told = (
        f"Revision {number} {done}: {_count(written.new, 'new account')}, "
        f"{_count(written.changed, 'changed answer')}, {_count(written.same, 'answer')} as before."
    )
    if written.before:
        told += f"\n{_count(written.before, 'account')} more had been loaded before the interruption."
    if written.elsewhere:
        told += (
            f"\n{_count(written.elsewhere, 'known account')} had another address in this list; the stored one was kept,"
            " because a list never moves an account to another mailbox."
        )
    if keep:
        told += "\nSomebody else must agree: propose it with `flask cohort commit --reason …`."
    return told


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
