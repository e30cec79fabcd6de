"""`flask keys`: make the key rings and look whether they fit the database."""

import os
from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy.exc import DatabaseError

from portal.audit import chain, trail
from portal.extensions import ground
from portal.identity import customers
from portal.sealing import KeyRing

keys = AppGroup("keys", help="The keys that addresses and secrets are sealed with, and the trail's own.")


@keys.command("new")
def new() -> None:
    """Make the two key rings, readable by you alone; an existing one is never overwritten."""
    settings = ground().settings
    paths = [settings.within(path) for path in (settings.keys_file, settings.audit_keys_file)]
    made = [path for path in paths if _make(path)]
    if not made:
        raise click.ClickException(
            f"{paths[0]} is there already; without it nothing sealed can be opened, so it stays."
        )
    for path in made:
        click.echo(f"A key ring was made: {path}. Keep a copy apart from the database's backups.")


def _make(path: Path) -> bool:
    """Whether there was none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(handle, "w") as file:
        file.write(KeyRing.fresh().written())
        file.flush()
        os.fsync(file.fileno())
    return True


@keys.command("check")
def check() -> None:
    """Look whether the rings are readable, private, and fit what the database holds."""
    settings = ground().settings
    ring = ground().keys
    _must_be_private(settings.within(settings.keys_file))
    used, broken = _fitting(ring)
    if broken is not None:
        raise click.ClickException(f"Key {broken} of the ring does not open what the database holds.")
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


def _fitting(ring: KeyRing) -> tuple[int, int | None]:
    """How many keys are in use, and one that does not open its accounts."""
    try:
        with ground().database.read() as session:
            return len(customers.keys_in_use(session)), customers.unopened(session, ring)
    except DatabaseError as error:
        raise click.ClickException(
            f"The key ring is readable and private, but the database is not: {type(error).__name__}. "
            "Is it there, with its tables (`flask database upgrade`)?"
        ) from None
