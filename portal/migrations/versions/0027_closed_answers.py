"""closed answers: the index of answers by the revision that closed them leaves out the open ones, which are most."""

import sqlalchemy as sa
from alembic import op

revision = '0027'
down_revision = '0026'
branch_labels = None
depends_on = None

NAME, CLOSED = 'ix_exposure_until_revision', sa.text('until_revision IS NOT NULL')


def upgrade() -> None:
    """Forwards; there is no way back but a backup."""
    op.drop_index(NAME, table_name='exposure')
    op.create_index(NAME, 'exposure', ['until_revision'], sqlite_where=CLOSED, postgresql_where=CLOSED)
