"""`flask codes`: load the provider's codes into a pool, and count what is left."""

from datetime import date, datetime
from functools import partial
from pathlib import Path

import click
from flask.cli import AppGroup
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from portal.approvals.door import REFUSALS, needs_second_person, propose_here, what_now
from portal.approvals.proposals import Proposal
from portal.approvals.refusals import AlreadyProposed, NoteUnfit
from portal.cohort.faults import ListRefused
from portal.database import is_outage
from portal.enrolment import grants, importing, opening, pools, resuming
from portal.enrolment.door import POOL
from portal.enrolment.importing import CodeFile, LoadedBefore
from portal.enrolment.pools import Pool
from portal.enrolment.standing import today
from portal.extensions import ground
from portal.incident.door import current_incident
from portal.incident.offers import Offer
from portal.keyboard import operator

codes = AppGroup("codes", help="The provider's monitoring codes: load them, count them.")

OUTAGE = "The database did not answer. Nothing was changed; when it is back, load the file again."
AT_ONCE = "Another load brought some of these codes at the same moment. Nothing was changed by this one."


@codes.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--offer", required=True, help="The id of the offer in the incident file.")
@click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), help="Their last day; the offer's deadline if not given.")
@click.option("--for-real", is_flag=True, help="Make a pool; without this it is a rehearsal.")
@click.option("--reason", type=click.Choice(list(POOL.reasons)), help="Why, where somebody else must agree.")
@click.option("--note", default="", help="A line about it, where somebody else must agree.")
def load(file: Path, offer: str, expires: datetime | None, for_real: bool, reason: str | None, note: str) -> None:
    """Check a file of codes (CSV with the column `code`), and load it as a new pool.

    Where somebody else must agree it gives no code until then.
    """
    wanted = _offer(offer)
    last = _not_over(expires.date() if expires else wanted.deadline)
    try:
        checked = _checked(file)
    except ListRefused as refusal:
        told = f"{_count(refusal.faults.total, 'fault')}:{refusal}"
        raise click.ClickException(f"The file is refused whole; nothing was changed. {told}") from None
    except LoadedBefore as known:
        if known.pool.offer != offer:
            raise click.ClickException(f"This file was loaded {known}. Nothing was changed.") from None
        click.echo(f"This file was loaded {known}. {_again(known.pool, reason, note, for_real=for_real)}")
        return
    held = f"{_count(len(checked.codes), 'code')} for the offer “{offer}”, good until the end of {last}"
    if for_real:
        proposal = _load(checked, offer, last, reason, note)
        if proposal:
            click.echo(f"A pool was made, and gives nothing yet: {held}.\n{what_now(proposal)}")
        else:
            click.echo(f"A pool was made, by you alone: {held}. Those who wait get theirs first.")
    else:
        click.echo(
            f"This was a rehearsal: the file is sound ({held}), and nothing was changed. Say --for-real to load it."
        )


@codes.command("resume")
@click.option(
    "--used",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The codes that the provider knows as used: CSV with the column `code`.",
)
@click.option("--for-real", is_flag=True, help="Do it; without this it is a rehearsal.")
def resume(used: Path, for_real: bool) -> None:
    """Let the pools that a restore halted give codes again, but nobody those that are used already."""
    try:
        listed = importing.inspect(used)
    except ListRefused as refusal:
        raise click.ClickException(f"The file is refused whole; nothing was changed. {refusal}") from None
    held = ground()
    with held.database.write() as session:
        done = resuming.resume(session, held.keys, listed.codes, actor=operator(), now=held.clock())
        if not for_real:
            session.rollback()
    said = f"{_count(done.pools, 'pool')} and {_count(done.removed, 'used code')} of theirs"
    click.echo(f"Resumed: {said} removed." if for_real else f"This was a rehearsal: {said}. Say --for-real to resume.")


@codes.command("discard")
def discard() -> None:
    """Remove the pools that are not open and wait for nobody's word."""
    with ground().database.write() as session:
        gone = opening.discard_closed(session, actor=operator(), now=ground().clock())
    for pool in gone:
        click.echo(f"{_count(pool.codes, 'code')} for “{pool.offer}”, loaded {pool.loaded_at:%Y-%m-%d}: removed.")
    if not gone:
        click.echo("No pool is to be removed; nothing was changed. Withdraw its proposal first, if it has one.")


@codes.command("stock")
def stock() -> None:
    """Count what each pool holds and has left, and who waits."""
    with ground().database.read() as session:
        held, waiting = pools.stock(session), grants.waiting(session)
    day = today(current_incident(), ground().clock())
    table = Table("offer", "loaded", "by", "good until", title="Pools of codes")
    for name in ("codes", "given", "retired", "left"):
        table.add_column(name, justify="right")
    for one in held:
        pool, over = one.pool, _mark(one.pool, day)
        counts = (pool.codes, pool.codes - one.left - one.retired, one.retired, one.left)
        table.add_row(
            pool.offer,
            f"{pool.loaded_at:%Y-%m-%d}",
            pool.loaded_by,
            f"{pool.expires}{over}",
            *(f"{n:,}" for n in counts),
        )
    Console(width=100).print(table)
    left = sum(one.left for one in held if one.gives(day))
    queue = "; ".join(f"{count:,} wait for “{offer}”" for offer, count in sorted(waiting.items())) or "nobody waits"
    click.echo(f"{_count(left, 'code')} can be given now; {queue}.")


def _mark(pool: Pool, day: date) -> str:
    if pool.expires < day:
        return " (over)"
    return " (halted)" if pool.halted_at else "" if pool.opened_at else " (not open)"


def _offer(name: str) -> Offer:
    offers = {offer.id: offer for offer in current_incident().offers}
    if name not in offers:
        raise click.ClickException(
            f"The incident file has no offer “{name}”. It has: {', '.join(offers) or 'none yet'}."
        )
    return offers[name]


def _not_over(last: date) -> date:
    if last < today(current_incident(), ground().clock()):
        raise click.ClickException(f"These codes are over: their last day was {last}. Nothing was changed.")
    return last


def _checked(path: Path) -> CodeFile:
    file = importing.inspect(path)
    with ground().database.read() as session:
        importing.check(session, ground().keys, file)
    return file


def _load(file: CodeFile, offer: str, expires: date, reason: str | None, note: str) -> Proposal | None:
    """Make the pool; the proposal to open it, or None where it is open at once."""
    held = ground()
    try:
        with held.database.write() as session:
            alone = not needs_second_person(session)
            load = partial(importing.load, session, held.keys, file, now=held.clock(), loaded_by=operator())
            pool = load(offer=offer, expires=expires, alone=alone)
            return None if alone else _proposed(session, pool, reason, note)
    except IntegrityError:
        raise click.ClickException(AT_ONCE) from None
    except DBAPIError as error:
        if not is_outage(error):
            raise
        raise click.ClickException(OUTAGE) from None


def _again(pool: Pool, reason: str | None, note: str, *, for_real: bool) -> str:
    """A pool that is not open and that nobody agreed to can be proposed once more."""
    if pool.opened_at or not for_real:
        return "There is nothing to do, and nothing was changed."
    try:
        with ground().database.write() as session:
            return what_now(_proposed(session, pool, reason, note))
    except AlreadyProposed as known:
        return f"It is proposal {known.number} already; nothing was changed."


def _proposed(session: Session, pool: Pool, reason: str | None, note: str) -> Proposal:
    if reason is None:
        raise click.UsageError(f"Somebody else must agree: say --reason with one of {', '.join(POOL.reasons)}.")
    try:
        return propose_here(session, POOL, opening.payload_of(session, pool), reason, note)
    except NoteUnfit as refusal:
        raise click.UsageError(str(REFUSALS[type(refusal)])) from None


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"
