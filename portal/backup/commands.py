"""`flask backup`: put database and key rings into one folder, look whether it is whole, and lay it down again."""

from pathlib import Path

import click
from flask.cli import AppGroup

from portal import migrations
from portal.audit import trail
from portal.audit.events import Event
from portal.backup import aftermath, dumps, folder
from portal.backup.aftermath import Aftermath
from portal.backup.dumps import DumpFailed
from portal.backup.folder import Backup, NotWhole
from portal.database import Database
from portal.extensions import ground
from portal.identity import fitting
from portal.identity.fitting import KeysDoNotFit
from portal.keyboard import operator
from portal.sealing import KeyRing, KeysUnreadable

backup = AppGroup("backup", help="The database and its key rings in one folder, and the way back.")
MADE = click.Path(exists=True, file_okay=False, path_type=Path)
INTO = click.Path(file_okay=False, path_type=Path)


@backup.command("create")
@click.argument("into", type=INTO)
def create(into: Path) -> None:
    """Make a backup in the folder INTO while the portal serves, and check it whole."""
    held = ground()
    secret, database, step = _secret(), held.database, _step_of(held.database)
    _ = held.keys, held.audit_keys  # a missing one is told of before anything is written
    try:
        with database.read() as session:
            fitting.try_on(session, held.keys)
        made = folder.create(database, _rings(), secret, into, step, held.clock())
    except (DumpFailed, KeysDoNotFit, NotWhole) as error:
        raise click.ClickException(f"There is no backup: {error}") from None
    with database.write() as session:
        subject = f"backup:{made.folder.name}"
        trail.record(session, Event.BACKUP_MADE, now=held.clock(), actor=operator(), subject=subject)
    click.echo(f"A backup was made and is whole: {made.folder} ({made.manifest.length} bytes of database).")
    click.echo("Its database is as readable as the one that is served; its key rings open with PORTAL_BACKUP_SECRET.")


@backup.command("check")
@click.argument("made", type=MADE)
def check(made: Path) -> None:
    """Read the backup MADE from end to end; changes nothing."""
    found = _checked(made)
    said = found.manifest
    click.echo(f"The backup is whole: {said.engine}, begun {said.made_at}, step {said.step}, {said.length} bytes.")


@backup.command("restore")
@click.argument("made", type=MADE)
@click.option("--for-real", is_flag=True, help="Do it; without this, only look whether it could be done.")
def restore(made: Path, for_real: bool) -> None:
    """Lay the backup MADE down in an empty database; what is there is never overwritten."""
    found, database = _checked(made), ground().database
    rings = {path: _parsed(found.rings[name]) for name, path in _rings().items()}
    _must_fit_here(found, database, rings)
    if not for_real:
        click.echo(f"The backup of {found.manifest.made_at} is whole and fits here. Say --for-real to lay it down.")
        return
    for path, ring in rings.items():
        ring.keep(path)
    try:
        dumps.lay_down(database, found.dump)
        migrations.upgrade(database)
    except DumpFailed as error:
        raise click.ClickException(f"Nothing was restored: {error}") from None
    after = _settle(found)
    click.echo(f"The portal stands as it did at {found.manifest.made_at}; what came after that is gone.")
    click.echo(f"Visits and links are over. Letters that may go out a second time: {after.letters}.")
    if after.pools:
        click.echo(f"Pools that give no code before `flask codes resume`, as one may be somebody's: {after.pools}.")


def _secret() -> str:
    secret = ground().settings.backup_secret
    if secret is None:
        raise click.ClickException("PORTAL_BACKUP_SECRET is missing: the key rings in a backup are locked with it.")
    return secret.get_secret_value()


def _rings() -> dict[str, Path]:
    settings = ground().settings
    named = {"keys": settings.keys_file, "audit": settings.audit_keys_file}
    return {name: settings.within(path) for name, path in named.items()}


def _step_of(database: Database) -> str:
    with database.engine.connect() as connection:
        step = migrations.step_of(connection)
    if step is None:
        raise click.ClickException("The database has no tables yet: there is nothing to keep.")
    return step


def _checked(made: Path) -> Backup:
    try:
        return folder.check(made, _secret())
    except NotWhole as error:
        raise click.ClickException(str(error)) from None


def _parsed(text: str) -> KeyRing:
    try:
        return KeyRing.parse(text)
    except KeysUnreadable as error:
        raise click.ClickException(f"A key ring of the backup cannot be read: {error}.") from None


def _must_fit_here(found: Backup, database: Database, rings: dict[Path, KeyRing]) -> None:
    engine = database.engine.dialect.name
    if found.manifest.engine != engine:
        raise click.ClickException(f"The backup is of {found.manifest.engine}, and PORTAL_DATABASE_URL of {engine}.")
    if found.manifest.step > migrations.newest()[0]:
        raise click.ClickException("The backup is of a newer version of the portal: install that one first.")
    for path, ring in rings.items():
        if path.exists() and KeyRing.read(path) != ring:
            raise click.ClickException(f"{path} is there already and is another ring: move it away first.")
    try:
        if not dumps.is_empty(database):
            raise click.ClickException("The database is not empty; a backup is laid down in an empty one alone.")
    except DumpFailed as error:
        raise click.ClickException(f"Nothing was restored: {error}") from None


def _settle(found: Backup) -> Aftermath:
    now, said = ground().clock(), {"actor": operator(), "subject": f"backup:{found.folder.name}"}
    with ground().database.write() as session:
        after = aftermath.settle(session, now=now)
        trail.record(session, Event.BACKUP_RESTORED, now=now, **said, letters=after.letters, pools=after.pools)
    return after
