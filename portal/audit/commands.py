"""`flask audit`: look whether the trail is whole."""

import click
from flask.cli import AppGroup

from portal.audit import trail
from portal.extensions import ground

audit = AppGroup("audit", help="The trail of what was done.")


@audit.command("verify")
def verify() -> None:
    """Walk the whole chain and name the first entries that do not fit."""
    with ground().database.read() as session:
        faults = list(trail.verify(session, ground().keys))
        waiting = trail.waiting(session)
    for fault in faults[:20]:
        click.echo(fault)
    if faults:
        raise click.ClickException(f"The trail is broken: {len(faults)} faults, the first one first.")
    click.echo(f"The trail is whole; {waiting} events wait for the worker to seal them.")
