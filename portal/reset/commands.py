"""`flask store` and `flask blocklist`: the identity store and its orders, and the file of pwned passwords."""

import time
from pathlib import Path

import click
from flask.cli import AppGroup
from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.progress import Progress as Bar

from portal.extensions import ground
from portal.reset import operations, pwned
from portal.reset.door import current_store
from portal.reset.operations import Progress
from portal.reset.pwned import Unfit
from portal.reset.stores import fitness

store = AppGroup("store", help="The identity store: how far its orders are, and what stands in its way.")
blocklist = AppGroup(
    "blocklist", help="Passwords that were found in breaches: make the file that they are looked up in."
)

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


@store.command("check")
def check() -> None:
    """Ask the store whether it is there, verified and fit, and tell what is missing or cannot be done."""
    held, name = current_store(), ground().settings.store
    found = fitness.of(held)
    if found.unreached:
        raise click.ClickException(f"{_named(name)} {found.unreached}. {fitness.HINT}")
    policy, needs = held.policy, ", ".join(need.value for need in held.policy.needs) or "none"
    click.echo(
        f"{_named(name)} answers. Passwords have {policy.minimum} to {policy.maximum} signs; kinds asked for: {needs}."
    )
    for one in found.said:
        click.echo(f"- {one}")
    if found.unfit:
        raise click.ClickException(found.unfit)


@blocklist.command("build")
@click.argument("source", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--to", "target", type=click.Path(dir_okay=False, path_type=Path), help="By itself pwned.bin of the instance."
)
@click.option("--at-least", default=1, show_default=True, help="Only passwords that were seen so often.")
def build(source: Path, target: Path | None, at_least: int) -> None:
    """Make the file from a list of SHA1:COUNT that is ordered by hash, as Pwned Passwords gives it out."""
    target = target or ground().settings.within(Path("pwned.bin"))
    columns = (TextColumn("{task.description}"), BarColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Bar(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task("reading", total=source.stat().st_size)
        try:
            made = pwned.build(source, target, at_least=at_least, progress=lambda count: bar.advance(task, count))
        except Unfit as fault:
            raise click.ClickException(f"The list is refused whole; nothing was changed. {fault}.") from None
    click.echo(
        f"{target} holds {made.passwords:,} passwords in {made.size:,} bytes."
        f" It refuses one good password of {made.one_in:,}. Name it as `blocklist` in settings.toml."
    )


def _named(name: str) -> str:
    return f"The store “{name}”"


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
