"""exposures in order."""

from alembic import op

revision = '0022'
down_revision = '0021'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forwards; there is no way back but a backup."""
    with op.batch_alter_table('exposure', schema=None) as batch_op:
        batch_op.drop_index('ix_exposure_from_revision')
        batch_op.create_index('ix_exposure_from_revision', ['from_revision', 'customer_id'], unique=False)
