"""`flask keys`: make the key rings and look whether they fit the database."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from portal import resealing
from portal.approvals import proposals
from portal.approvals.door import kinds
from portal.audit import chain, trail
from portal.audit.events import Event
from portal.extensions import ground
from portal.identity import addresses, fitting, rotation
from portal.identity.customers import Customer
from portal.identity.fitting import KeysDoNotFit
from portal.keyboard import operator
from portal.resealing import Step
from portal.sealing import KeyRing

# What tells no key (mailboxes that get no letters, limits, forms, sign-ons) is over after a day.
RESTS = timedelta(hours=25)

keys = AppGroup("keys", help="The keys that addresses and secrets are sealed with, and the trail's own.")


@keys.command("new")
def new() -> None:
    """Make the two key rings, readable by you alone; an existing one is never overwritten."""
    settings = ground().settings
    paths = [settings.within(path) for path in (settings.keys_file, settings.audit_keys_file)]
    made = [path for path in paths if KeyRing.fresh().keep(path)]
    if not made:
        raise click.ClickException(
            f"{paths[0]} is there already; without it nothing sealed can be opened, so it stays."
        )
    for path in made:
        click.echo(f"A key ring was made: {path}. Keep a copy apart from the database's backups.")


@keys.command("add")
def add() -> None:
    """Put one more key into the ring, which nothing is sealed with before `flask keys rotate`."""
    ring, path = ground().keys, _ring_file()
    if max(ring.masters) != ring.current:
        raise click.ClickException(f"Key {max(ring.masters)} is there and not in use yet: say `flask keys rotate`.")
    try:
        longer = ring.with_another()
    except ValueError:
        raise click.ClickException("The ring is full.") from None
    longer.replace(path)
    click.echo(
        f"Key {max(longer.masters)} was added to {path}. Keep a copy, put the ring on every machine, "
        "and restart web and workers; then say `flask keys rotate`."
    )


@keys.command("rotate")
@click.option("--void", is_flag=True, help="Void the proposals that a rotation spoils; without this, they hinder it.")
def rotate(void: bool) -> None:
    """Make the newest key the current one, and bring everything under it; can be interrupted and said again."""
    held, spoiled = ground(), _spoil(void)
    ring = KeyRing(held.keys.masters, max(held.keys.masters))
    if ring.current != held.keys.current:
        ring.replace(_ring_file())
        held.keys = ring
    done, broken = _turn_all(ring)
    if broken:
        raise click.ClickException(f"{broken} rows do not open and stay as they are; {done} were turned.")
    _record(Event.KEYS_ROTATED, ring.current)
    click.echo(f"{done} rows were turned; all are under key {ring.current} now. The old keys stay in the ring.")
    if spoiled:
        click.echo(f"Proposals that are void now, and have to be made anew: {spoiled}.")


@keys.command("retire")
@click.argument("number", type=int)
def retire(number: int) -> None:
    """Take the key NUMBER out of the ring, if nothing needs it any more."""
    held = ground()
    try:
        shorter = held.keys.without(number)
    except ValueError:
        raise click.ClickException(f"Key {number} is the current one, or is not in the ring.") from None
    with held.database.read() as session:
        turned_at = trail.latest(session, Event.KEYS_ROTATED, f"key:{held.keys.current}")
    if turned_at is None or held.clock() - turned_at < RESTS:
        raise click.ClickException("Say `flask keys rotate`, and this a day later: what lives for hours tells no key.")
    _walk("Accounts", partial(rotation.gather_next, held.keys))
    with held.database.read() as session:
        needed = resealing.needed(session, number, held.clock())
    if needed:
        rows = ", ".join(f"{count} of {table}" for table, count in needed.items())
        raise click.ClickException(f"Key {number} stays in the ring, because rows need it: {rows}.")
    shorter.replace(_ring_file())
    _record(Event.KEYS_RETIRED, number)
    click.echo(f"Key {number} left the ring. Put the ring on every machine; backups from before hold their own.")


def _spoil(void: bool) -> int:
    """How many proposals a rotation would leave without what they are bound to; they end here, if they may."""
    names, now = [kind.name for kind in kinds().values() if kind.keyed], ground().clock()
    with ground().database.write() as session:
        proposals.expire(session, now=now)
        count = sum(len(proposals.standing(session, name)) for name in names)
        if count and not void:
            raise click.ClickException(
                f"Nothing was turned. Proposals of lists, codes or helpers, which a rotation makes void: {count}. "
                "Let them be decided and carried out first (`flask approvals list`), or say --void."
            )
        return sum(proposals.void(session, name, actor=operator(), now=now) for name in names)


def _turn_all(ring: KeyRing) -> tuple[int, int]:
    """How many rows were turned, and how many do not open."""
    steps = [_walk("Accounts", partial(rotation.turn_next, ring))]
    for table in resealing.tables(besides=Customer.__tablename__):
        steps.append(_walk(table.name, partial(resealing.turn_next, ring, table, addresses.mailbox)))
    return sum(done for done, _ in steps), sum(broken for _, broken in steps)


def _walk(label: str, next_step: Callable[[Session, Any], Step | None]) -> tuple[int, int]:
    after, done, broken = None, 0, 0
    while True:
        with ground().database.write() as session:
            step = next_step(session, after)
        if step is None:
            return done, broken
        after, done, broken = step.last, done + step.done, broken + step.broken
        click.echo(f"{label}: {done:,}", err=True)
        ground().database.rest()


def _record(kind: Event, number: int) -> None:
    with ground().database.write() as session:
        trail.record(session, kind, now=ground().clock(), actor=operator(), subject=f"key:{number}")


def _ring_file() -> Path:
    return ground().settings.within(ground().settings.keys_file)


@keys.command("check")
def check() -> None:
    """Look whether the rings are readable, private, and fit what the database holds."""
    settings = ground().settings
    ring = ground().keys
    _must_be_private(settings.within(settings.keys_file))
    used = _tried(ring)
    click.echo(f"The key ring is private and opens the database ({used} of {len(ring.masters)} keys in use).")
    _check_trail(settings.within(settings.audit_keys_file))


def _check_trail(path: Path) -> None:
    if not path.exists():
        click.echo(f"The trail's key ring is not here ({path}): right for web processes, wrong for a worker.")
        return
    chain_keys = ground().audit_keys
    _must_be_private(path)
    with ground().database.read() as session:
        newest = trail.newest(session)
        if newest and next(chain.faults(session, chain_keys, after=newest.sequence - 1), None):
            raise click.ClickException("The trail's key ring does not fit the newest entry of the trail.")
    click.echo("The trail's key ring is private and fits the trail.")


def _must_be_private(path: Path) -> None:
    if path.stat().st_mode & 0o077:
        raise click.ClickException(f"{path} can be read by others; say `chmod 600 {path}`.")


def _tried(ring: KeyRing) -> int:
    """How many keys are in use; one account of each was opened."""
    try:
        with ground().database.read() as session:
            return fitting.try_on(session, ring)
    except KeysDoNotFit as error:
        raise click.ClickException(str(error)) from None
