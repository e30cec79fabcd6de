"""`flask keys`: make the key rings and look whether they fit the database."""

import sys
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy.exc import DatabaseError

from portal.audit import chain, trail
from portal.audit.events import Event
from portal.extensions import ground
from portal.identity import fitting, rotation
from portal.identity.fitting import KeysDoNotFit
from portal.keyboard import operator
from portal.sealing import KeyRing

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
def rotate() -> None:
    """Make the newest key the current one, and bring every account under it; can be interrupted and said again."""
    held = ground()
    ring = KeyRing(held.keys.masters, max(held.keys.masters))
    if ring.current != held.keys.current:
        ring.replace(_ring_file())
        held.keys = ring
    with held.database.read() as session:
        waiting = rotation.left(session, ring)
    done, broken = _turn_all(waiting)
    if broken:
        raise click.ClickException(f"{broken} accounts do not open and stay as they are; {done} were turned.")
    with held.database.write() as session:
        trail.record(session, Event.KEYS_ROTATED, now=held.clock(), actor=operator(), subject=f"key:{ring.current}")
    click.echo(f"{done} accounts were turned; all are under key {ring.current} now. The old keys stay in the ring.")


def _turn_all(waiting: int) -> tuple[int, int]:
    held, also = ground(), current_app.extensions["lead_to"]
    after, done, broken = None, 0, 0
    with click.progressbar(length=waiting, label="Accounts", file=sys.stderr) as bar:
        while True:
            with held.database.write() as session:
                step = rotation.turn_next(session, held.keys, also, after)
            if step is None:
                return done, broken
            after, done, broken = step.last, done + step.done, broken + step.broken
            bar.update(step.done)


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
    except DatabaseError as error:
        raise click.ClickException(
            f"The key ring is readable and private, but the database is not: {type(error).__name__}. "
            "Is it there, with its tables (`flask database upgrade`)?"
        ) from None
