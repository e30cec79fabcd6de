"""orders to a store in turn."""

import sqlalchemy as sa
from alembic import op

revision = '0020'
down_revision = '0019'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forwards; there is no way back but a backup."""
    with op.batch_alter_table('store_operation', schema=None) as batch_op:
        batch_op.add_column(sa.Column('epoch', sa.Integer(), server_default='1', nullable=False))
        batch_op.create_index('ix_store_operation_customer', ['customer_id', 'epoch'], unique=False)
        batch_op.create_index('ix_store_operation_done_at', ['done_at'], unique=False)
