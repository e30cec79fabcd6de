"""The workshop: what builders need, opened in development only."""

from flask import Flask
from flask.cli import AppGroup

from portal.dev import inbox
from portal.dev.codes import codes
from portal.dev.passwords import passwords
from portal.dev.people import people
from portal.dev.prepare import prepare
from portal.dev.requirements import requirements
from portal.dev.translations import translations
from portal.dev.walk import walk

dev = AppGroup("dev", help="For those who build the portal.")
for command in (codes, passwords, people, prepare, requirements, translations, walk):
    dev.add_command(command)


def init_app(app: Flask) -> None:
    """Open the inbox page and the commands."""
    app.register_blueprint(inbox.door)
    app.cli.add_command(dev)
