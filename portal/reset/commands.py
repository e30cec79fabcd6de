"""`flask store`: how far the orders to the identity store are, and whether it is fit for them."""

import time

import click
from flask.cli import AppGroup

from portal.extensions import ground
from portal.reset import operations
from portal.reset.operations import Progress

store = AppGroup("store", help="The identity store: how far its orders are, and what stands in its way.")

LOOK_SECONDS = 2.0


@store.command("progress")
@click.option("--watch", is_flag=True, help="Go on telling until all is done; Ctrl-C ends the telling only.")
def progress(watch: bool) -> None:
    """Tell how many forced resets were carried out, how quickly, and how long the rest takes."""
    while True:
        held = _progress()
        click.echo(_told(held))
        if not watch or not held.left:
            return
        time.sleep(LOOK_SECONDS)


def _progress() -> Progress:
    with ground().database.read() as session:
        return operations.progress(session, operations.EXPIRE, now=ground().clock())


def _told(held: Progress) -> str:
    if not held.total:
        return "No reset was ordered yet."
    said = f"{held.done:,} of {held.total:,} forced resets are carried out"
    if not held.left:
        return f"{said}; none is left."
    pace = f"{held.a_second:,.0f} a second, about {_spell(held.seconds_left)} left" if held.a_second else "none lately"
    tried = f"; {held.tried:,} did not work at once and are tried again" if held.tried else ""
    return f"{said}: {pace}{tried}. The worker goes on by itself (flask work)."


def _spell(seconds: float | None) -> str:
    if seconds is None or seconds < 90:
        return f"{max(1, round(seconds or 0))} s"
    return f"{seconds / 60:,.0f} minutes" if seconds < 5400 else f"{seconds / 3600:,.1f} hours"
