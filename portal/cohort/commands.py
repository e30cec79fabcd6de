"""`flask cohort`: load a customer list into a new revision, propose it, look at one, remove a draft."""

from pathlib import Path
from tempfile import gettempdir

import click
from flask.cli import AppGroup
from sqlalchemy.exc import DBAPIError

from portal.approvals.door import REFUSALS, needs_second_person, propose_here, what_now
from portal.approvals.refusals import AlreadyProposed, NotTaken
from portal.cohort import deriving, drafts, proposals, roster, sentences, tally
from portal.cohort.batches import Written
from portal.cohort.door import REVISION
from portal.cohort.drafts import Draft, DraftLost, DraftStands
from portal.cohort.engine import QueryFailed
from portal.cohort.exports import ExportRefused
from portal.cohort.faults import ListRefused
from portal.cohort.loading import Loader
from portal.cohort.proposals import NotWhole
from portal.cohort.roster import Roster
from portal.cohort.rules import WAREHOUSES, NoPurchases, Rules
from portal.cohort.screen import count, print_explanation, print_tally, progress_bar
from portal.database import is_outage
from portal.extensions import ground
from portal.incident.door import current_incident
from portal.incident.revisions import Revision, current_number
from portal.keyboard import operator

cohort = AppGroup("cohort", help="Who was affected: load lists, look at revisions.")


@cohort.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--for-real", is_flag=True, help="Make a new revision; without this it is a rehearsal.")
@click.option("--expect-rows", type=click.IntRange(min=1), help="Refuse the list if it has not this many accounts.")
def load(file: Path, for_real: bool, expect_rows: int | None) -> None:
    """Check a customer list, and load it as a new revision."""
    try:
        checked = roster.inspect(file, current_incident(), ground().keys, expect_rows)
    except ListRefused as refusal:
        total = refusal.faults.total
        raise click.ClickException(
            f"The list is refused whole; nothing was changed. {count(total, 'fault')}:{refusal}"
        ) from None
    except OSError as error:
        raise click.ClickException(sentences.NO_FOLDER.format(gettempdir(), error.strerror)) from None
    print_tally(checked.tally)
    if for_real:
        _load(checked)
    else:
        click.echo(
            f"This was a rehearsal: the list is sound ({count(checked.accounts, 'account')}), and nothing was changed."
            " Say --for-real to load it."
        )


@cohort.command("derive")
@click.argument("customers", required=False)
@click.argument("purchases", nargs=-1)
@click.option("--to", type=click.Path(dir_okay=False, path_type=Path), help="Write the list here; else only explain.")
@click.option("--print-sql", "warehouse", type=click.Choice(WAREHOUSES), help="Print the rules for a warehouse.")
def derive(customers: str | None, purchases: tuple[str, ...], to: Path | None, warehouse: str | None) -> None:
    """Apply the rules to exports of CUSTOMERS and PURCHASES: CSV, .csv.gz or .parquet; quoted, * stands for several."""
    incident = current_incident()
    try:
        if warehouse:
            rules = Rules(incident)
            click.echo(sentences.WAREHOUSE.format(rules.purchases.zone))
            click.echo(f"{rules.for_warehouse(warehouse)};")
        elif customers and purchases:
            found = deriving.derive(incident, [customers], purchases, to)
            print_explanation(found, incident.rules, incident.otherwise)
            click.echo(sentences.DERIVED.format(to) if to else sentences.EXPLAINED)
        else:
            raise click.UsageError("Name an export of customers and at least one of purchases.")
    except NoPurchases:
        raise click.ClickException(sentences.NO_PURCHASES) from None
    except ExportRefused as refusal:
        raise click.ClickException(f"The exports are refused whole; nothing was written.{refusal}") from None
    except QueryFailed:
        raise click.ClickException(sentences.NO_ROOM) from None
    except FileExistsError:
        raise click.ClickException(f"{to} is there already; nothing was written.") from None
    except OSError as error:
        raise click.ClickException(f"The list cannot be put there: {error.strerror}. Nothing was written.") from None


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
        raise click.ClickException(sentences.NOT_WHOLE) from None
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
    click.echo(f"{count(counts.accounts, 'account')} as of revision {wanted}; the latest is {current}.")


def _load(checked: Roster) -> None:
    loader = Loader(ground().database, ground().keys, current_incident(), ground().clock, operator())
    with ground().database.read() as session:
        keep = needs_second_person(session)
    try:
        with progress_bar(checked.accounts) as progress:
            number, written = loader.load(checked, progress, keep=keep)
    except DraftStands:
        raise click.ClickException(sentences.STANDS) from None
    except DraftLost:
        raise click.ClickException(sentences.LOST) from None
    except KeyboardInterrupt:
        raise click.ClickException(sentences.INTERRUPTED) from None
    except DBAPIError as error:
        if not is_outage(error):
            raise
        raise click.ClickException(sentences.OUTAGE) from None
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
        f"Revision {number} {done}: {count(written.new, 'new account')}, "
        f"{count(written.changed, 'changed answer')}, {count(written.same, 'answer')} as before."
    )
    if written.before:
        told += f"\n{count(written.before, 'account')} more had been loaded before the interruption."
    if written.elsewhere:
        told += (
            f"\n{count(written.elsewhere, 'known account')} had another address in this list; the stored one was kept,"
            " because a list never moves an account to another mailbox."
        )
    if keep:
        told += "\nSomebody else must agree: propose it with `flask cohort commit --reason …`."
    return told
