"""The development inbox: the letters of the file postbox as pages, so that a demonstration needs no mail server."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from portal.extensions import ground

SHOWN = 30
door = Blueprint("inbox", __name__)


@door.get("/dev/letters")
def letters() -> ResponseReturnValue:
    """The latest letters, newest first."""
    files = sorted(_folder().glob("*.eml"), reverse=True)[:SHOWN]
    return render_template("dev/letters.html", letters=[(path.name, _read(path)) for path in files])


@door.get("/dev/letters/<name>")
def letter(name: str) -> ResponseReturnValue:
    """One letter as a mail program without pictures would show it."""
    path = next((path for path in _folder().glob("*.eml") if path.name == name), None)
    if path is None:
        abort(404)
    message = _read(path)
    plain = message.get_body(("plain",))
    lines = plain.get_content().splitlines() if plain else []
    return render_template("dev/letter.html", letter=message, lines=lines)


def _folder() -> Path:
    settings = ground().settings
    return settings.within(settings.letters)


def _read(path: Path) -> EmailMessage:
    return message_from_bytes(path.read_bytes(), policy=policy.default)
