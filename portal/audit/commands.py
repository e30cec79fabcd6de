"""`flask audit`: look whether the trail is whole."""

from pathlib import Path

import click
from flask.cli import AppGroup

from portal.audit import verifying
from portal.audit.comparing import Compared
from portal.audit.verifying import Report
from portal.extensions import ground

audit = AppGroup("audit", help="The trail of what was done.")
FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@audit.command("verify")
@click.option("--anchors", "folder", type=FOLDER, help="A folder with the worker's anchors, or with letters of them.")
def verify(folder: Path | None) -> None:
    """Walk the whole chain, and name the first entry that does not fit."""
    with ground().database.read() as session:
        report = verifying.verify(session, ground().audit_keys, folder)
    for fault in report.first:
        click.echo(fault.says)
    if report.faults:
        count = "1 fault" if report.faults == 1 else f"{report.faults} faults"
        raise click.ClickException(
            f"The trail is broken: {count}. The first bad entry is number {report.first[0].entry}."
        )
    _say_of_anchors(report.compared, folder)
    _say_whole(report)


def _say_of_anchors(compared: Compared | None, folder: Path | None) -> None:
    if compared is None:
        click.echo(
            "Without --anchors nobody can see whether the newest entries were cut off, "
            "or whether somebody who has the trail's key wrote all of it anew."
        )
        return
    if compared.damaged:
        click.echo(f"{compared.damaged} lines in {folder} are damaged and were passed over.")
    if compared.foreign:
        raise click.ClickException(f"{compared.foreign} anchors in {folder} were not signed with the trail's key.")
    if compared.newest is None:
        raise click.ClickException(f"There is no anchor in {folder}, so nobody can see whether entries were cut off.")
    newest = compared.newest
    click.echo(
        f"It agrees with {compared.held} anchors; the newest, of {newest.moment:%Y-%m-%d %H:%M} UTC, "
        f"names entry {newest.sequence}."
    )


def _say_whole(report: Report) -> None:
    if not ground().settings.officers:
        click.echo(
            "PORTAL_OFFICERS names nobody, so anchors stand in files alone: keep copies where no one can change them."
        )
    click.echo(
        f"The trail is whole: {report.entries} entries; {report.waiting} events wait for the worker to seal them."
    )
