"""`flask database`: bring the database to this version's tables."""

import click
from flask.cli import AppGroup

from portal import migrations
from portal.extensions import ground
from portal.migrations import Standing

database = AppGroup("database", help="The database and its tables.")


@database.command("upgrade")
def upgrade() -> None:
    """Create or upgrade the tables; all of it, or nothing."""
    held = ground().database
    with held.look() as connection:
        stands = migrations.standing(connection)
    if stands in {Standing.NEWER, Standing.GARBLED}:
        raise click.ClickException(f"Nothing was changed: the database {stands.fact}. {stands.advice}")
    migrations.upgrade(held)
    click.echo("The database has the tables of this version.")
