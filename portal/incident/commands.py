"""`flask incident`: copy the example, and check a file before customers see it."""

from pathlib import Path
from shutil import copytree

import click
from flask.cli import AppGroup, with_appcontext

from portal.extensions import ground
from portal.incident.faults import IncidentFaults
from portal.incident.file import Incident, read
from portal.languages import is_spoken

EXAMPLE = Path(__file__).parent / "examples" / "ticketing-2018"

incident = AppGroup("incident", help="What happened, and what we say about it.")


@incident.command("check")
@click.argument("path", type=click.Path(path_type=Path), required=False)
@with_appcontext
def check(path: Path | None) -> None:
    """Name everything in an incident file that must be mended; without PATH, in the one of this installation."""
    settings = ground().settings
    path = path or settings.within(settings.incident)
    try:
        found = read(path)
    except IncidentFaults as error:
        for fault in error.faults:
            click.echo(fault)
        raise click.ClickException(f"{_counted(len(error.faults), 'fault')} to mend in {path}.") from None
    click.echo(_praise(found))
    for locale in found.locales:
        if not is_spoken(locale):
            click.echo(f"The portal's own words are not in “{locale}” yet; see the README, “Languages”.")


@incident.command("new")
@click.argument("folder", type=click.Path(path_type=Path))
def new(folder: Path) -> None:
    """Copy the example incident to FOLDER, for you to change."""
    if folder.exists():
        raise click.ClickException(f"{folder} is there already; nothing was changed.")
    copytree(EXAMPLE, folder)
    click.echo(f"The example is in {folder}. Change it, then run `flask incident check {folder}`.")


def _praise(found: Incident) -> str:
    parts = (
        _counted(len(found.brands), "brand"),
        _counted(len(found.rules), "rule"),
        f"languages {', '.join(found.locales)}",
    )
    published = found.dates.published.astimezone(found.zone)
    return (
        f"“{found.name}” can be used: {'; '.join(parts)}. Its pages open at {published:%Y-%m-%d %H:%M} ({found.zone})."
    )


def _counted(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
