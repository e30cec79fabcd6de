"""`flask keys`: make the key ring and look whether it fits the database."""

import os

import click
from flask.cli import AppGroup
from sqlalchemy import select
from sqlalchemy.exc import DatabaseError

from portal.extensions import ground
from portal.identity import customers
from portal.identity.customers import Customer
from portal.sealing import KeyRing, SealBroken

keys = AppGroup("keys", help="The keys that addresses and secrets are sealed with.")


@keys.command("new")
def new() -> None:
    """Make the key ring, readable by you alone; an existing one is never overwritten."""
    path = ground().settings.within(ground().settings.keys_file)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise click.ClickException(
            f"{path} is there already; without it nothing sealed can be opened, so it stays."
        ) from None
    with os.fdopen(handle, "w") as file:
        file.write(KeyRing.fresh().written())
        file.flush()
        os.fsync(file.fileno())
    click.echo(f"A key ring was made: {path}. Keep a copy apart from the database's backups.")


@keys.command("check")
def check() -> None:
    """Look whether the ring is readable, private, and opens what the database holds."""
    path = ground().settings.within(ground().settings.keys_file)
    ring = ground().keys
    if path.stat().st_mode & 0o077:
        raise click.ClickException(f"{path} can be read by others; say `chmod 600 {path}`.")
    samples = _samples()
    for customer in samples:
        try:
            customers.stored_address(ring, customer)
        except SealBroken:
            raise click.ClickException(
                f"Key {customer.key_id} of the ring does not open what the database holds."
            ) from None
    click.echo(f"The key ring is private and opens the database ({len(samples)} of {len(ring.masters)} keys in use).")


def _samples() -> list[Customer]:
    """One account for each key in use."""
    try:
        with ground().database.read() as session:
            used = session.scalars(select(Customer.key_id).distinct()).all()
            first = [select(Customer).where(Customer.key_id == key_id).limit(1) for key_id in used]
            return [session.scalars(sample).one() for sample in first]
    except DatabaseError as error:
        raise click.ClickException(
            f"The key ring is readable and private, but the database is not: {type(error).__name__}. "
            "Is it there, with its tables (`flask database upgrade`)?"
        ) from None
