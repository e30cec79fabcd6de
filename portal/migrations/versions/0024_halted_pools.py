"""halted pools."""

import sqlalchemy as sa
from alembic import op

revision = '0024'
down_revision = '0023'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forwards; there is no way back but a backup."""
    with op.batch_alter_table('pool', schema=None) as batch_op:
        batch_op.add_column(sa.Column('halted_at', sa.DateTime(timezone=True), nullable=True))
