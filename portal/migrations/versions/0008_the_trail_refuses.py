"""The trail refuses to be changed, and its chain begins anew under a key of its own."""

from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

SAYS = "the trail is append only"
POSTGRESQL_FUNCTION = f"""
CREATE FUNCTION trail_refuses() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '{SAYS}' USING ERRCODE = 'integrity_constraint_violation';
END $$
"""
# SQLite's INSERT OR REPLACE takes a row away without asking those who guard deletion.
REPLACED = {
    "audit_event": "EXISTS (SELECT 1 FROM audit_event WHERE id = NEW.id)",
    "audit_seal": "EXISTS (SELECT 1 FROM audit_seal WHERE event_id = NEW.event_id OR sequence = NEW.sequence)",
}


def upgrade() -> None:
    """Forwards; there is no way back but a backup. A step that makes these tables anew must make the triggers anew."""
    # Until now the key of the web process sealed the chain; the worker seals every event again, under its own.
    op.execute("DELETE FROM audit_seal")
    if op.get_bind().dialect.name == "postgresql":
        op.execute(POSTGRESQL_FUNCTION)
        for table in REPLACED:
            op.execute(
                f"CREATE TRIGGER {table}_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION trail_refuses()"
            )
        return
    for table, replaced in REPLACED.items():
        refuse = f"BEGIN SELECT RAISE(ABORT, '{SAYS}'); END"
        op.execute(f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {refuse}")
        op.execute(f"CREATE TRIGGER {table}_no_replacing BEFORE INSERT ON {table} WHEN {replaced} {refuse}")
