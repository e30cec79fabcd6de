"""`flask database`: bring the database to this version's tables."""

import click
from flask.cli import AppGroup
from sqlalchemy.exc import OperationalError

from portal import migrations
from portal.extensions import ground

database = AppGroup("database", help="The database and its tables.")


@database.command("upgrade")
def upgrade() -> None:
    """Create or upgrade the tables; all of it, or nothing."""
    try:
        migrations.upgrade(ground().database)
    except OperationalError as error:
        raise click.ClickException(
            f"Nothing was changed: the database does not let us ({type(error.orig).__name__}). "
            "Is it running, and may this user write there? `flask doctor` looks closer."
        ) from None
    click.echo("The database has the tables of this version.")
