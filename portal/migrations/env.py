"""Where Alembic meets our tables, on the connection that it is handed."""

from typing import Any, Literal

from alembic import context
from alembic.autogenerate.api import AutogenContext
from sqlalchemy import text

from portal.database import Moment
from portal.schema import metadata

# Any number will do, as long as two upgrades at once choose the same.
UPGRADE_LOCK = 7_204_118


def _spelled(kind: str, item: Any, _context: AutogenContext) -> str | Literal[False]:
    # A migration says what it did on its day; it must not change when our classes do.
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Moment) else False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_item=_spelled,
    render_as_batch=True,
    transactional_ddl=True,
)
if connection.dialect.name == "postgresql":
    connection.connection.driver_connection.patience = None  # a step may take hours
    connection.execute(text("SET LOCAL statement_timeout = 0"))
    connection.execute(text("SELECT pg_advisory_xact_lock(:name)"), {"name": UPGRADE_LOCK})
context.run_migrations()
