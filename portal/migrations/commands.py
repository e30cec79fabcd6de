"""`flask database`: bring the database to this version's tables."""

import click
from flask.cli import AppGroup

from portal import migrations
from portal.extensions import ground

database = AppGroup("database", help="The database and its tables.")


@database.command("upgrade")
def upgrade() -> None:
    """Create or upgrade the tables; all of it, or nothing."""
    migrations.upgrade(ground().database)
    click.echo("The database has the tables of this version.")
