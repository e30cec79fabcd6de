"""Every table, made by the migrations (until the first one stands: from the declarations)."""

from portal.database import Base, Database
from portal.migrations import newest, upgrade

try:
    from portal import schema  # noqa: F401
except ImportError:
    from portal.cohort import exposures  # noqa: F401

metadata = Base.metadata


def build(database: Database) -> None:
    """Make every table."""
    if newest():
        upgrade(database)
    else:
        with database.engine.execution_options(begin="BEGIN IMMEDIATE").begin() as connection:
            metadata.create_all(connection)
