"""`flask cohort`: load a customer list into a new revision, look at one, remove a draft that was left."""

import os
import pwd
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy.exc import DBAPIError

from portal.cohort import drafts, roster, tally
from portal.cohort.batches import Written
from portal.cohort.drafts import DraftLost, DraftStands
from portal.cohort.faults import ListRefused
from portal.cohort.loading import Loader
from portal.cohort.roster import ListChanged, Roster
from portal.cohort.screen import print_tally, progress_bar
from portal.database import is_outage
from portal.extensions import ground
from portal.incident.door import current_incident
from portal.incident.revisions import current_number

cohort = AppGroup("cohort", help="Who was affected: load lists, look at revisions.")

STANDS = (
    "Another load is running, or one was interrupted. Nothing was changed by this one.\n"
    "If no other load is running, remove what it left with `flask cohort discard`, then load again."
)
LOST = "Somebody discarded this draft while it was being loaded. No answer has changed."
CHANGED = "The file was changed while it was being read. No answer has changed; load it again."
OUTAGE = (
    "The database did not answer. No answer has changed.\n"
    "When it is back, remove the draft with `flask cohort discard`, then load again."
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
    """Remove the draft that an interrupted load left."""
    number = drafts.discard(ground().database, ground().clock(), _operator())
    if number is None:
        click.echo("There is no draft; nothing was changed.")
    else:
        click.echo(f"The draft of revision {number} is removed. No answer has changed.")


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
    loader = Loader(ground().database, ground().keys, current_incident(), ground().clock, _operator())
    try:
        with progress_bar(checked.accounts) as progress:
            number, written = loader.load(checked, progress)
    except DraftStands:
        raise click.ClickException(STANDS) from None
    except DraftLost:
        raise click.ClickException(LOST) from None
    except ListChanged:
        raise click.ClickException(CHANGED) from None
    except DBAPIError as error:
        if not is_outage(error):
            raise
        raise click.ClickException(OUTAGE) from None
    click.echo(_report(number, written))


def _report(number: int, written: Written) -> str:
    told = (
        f"Revision {number} is committed, by you alone: {_count(written.new, 'new account')}, "
        f"{_count(written.changed, 'changed answer')}, {_count(written.same, 'answer')} as before."
    )
    if written.elsewhere:
        told += (
            f"\n{_count(written.elsewhere, 'known account')} had another address in this list; the stored one was kept,"
            " because a list never moves an account to another mailbox."
        )
    return told


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _operator() -> str:
    """Who sits at the keyboard, as the operating system says; not what the environment claims."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return f"user {os.getuid()}"
