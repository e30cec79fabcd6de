"""`flask dev prepare`: the made-up customers, passwords and codes of the demonstration, in one process."""

import click
from flask import Flask, current_app
from flask.cli import ScriptInfo, with_appcontext

from portal.extensions import ground
from portal.incident.revisions import current_number


@click.command("prepare")
@with_appcontext
def prepare() -> None:
    """Bring tables, customers, passwords and codes up to what the demonstration needs."""
    folder = ground().settings.instance
    people, codes = str(folder / "people.csv"), folder / "codes.csv"
    _run("database", "upgrade")
    with ground().database.read() as session:
        loaded = current_number(session)
    if not loaded:
        _run("cohort", "discard")
        _run("dev", "people", people)
        _run("cohort", "load", "--for-real", people)
        _run("dev", "passwords")
    if not codes.exists():
        _run("dev", "codes", str(codes))
    _run("codes", "load", "--for-real", "--offer", "monitoring", str(codes))


def _run(*words: str) -> None:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    app.cli.main(list(words), prog_name="flask", standalone_mode=False, obj=ScriptInfo(create_app=lambda: app))
