"""order: the key in whose order a draft is loaded; a draft from before was loaded in the order of its list."""

import sqlalchemy as sa
from alembic import op

revision = '0028'
down_revision = '0027'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forwards; there is no way back but a backup."""
    with op.batch_alter_table('revision', schema=None) as batch_op:
        batch_op.add_column(sa.Column('key_id', sa.SmallInteger(), nullable=True))
