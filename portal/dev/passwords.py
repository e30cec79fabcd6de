"""`flask dev passwords`: give every made-up account with a log-in an old password, so that it has one to reset."""

from datetime import UTC, datetime

import click
from flask.cli import with_appcontext
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.extensions import ground
from portal.identity.customers import Customer
from portal.reset.hashing import PROFILES
from portal.reset.stores.database import Credential

OLD_PASSWORD = "a horse on the old stage"  # noqa: S105 - everybody of the demonstration has it, and it is in the README
LONG_AGO = datetime(2017, 3, 1, tzinfo=UTC)


@click.command("passwords")
@with_appcontext
def passwords() -> None:
    """Give every account that is no guest's an old password, if it has none."""
    hashed = PROFILES["surge"].hash(OLD_PASSWORD)  # one hash for all: they are made up, and it is quick
    with ground().database.write() as session:
        count = give(session, hashed)
    click.echo(f"{count:,} accounts were given the password “{OLD_PASSWORD}”.")


def give(session: Session, hashed: str) -> int:
    """The same hash to all who have none; returns how many."""
    held = select(Credential.account)
    without = select(Customer.ref_index).where(~Customer.guest, ~Customer.social, Customer.ref_index.not_in(held))
    accounts = session.scalars(without).all()
    session.add_all(Credential(account=account, password_hash=hashed, changed_at=LONG_AGO) for account in accounts)
    return len(accounts)
