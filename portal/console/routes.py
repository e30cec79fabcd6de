"""The console's rooms behind one door, which exists only where the settings name its host."""

from flask import Blueprint, Flask

from portal.console import access, codes, entrance, home, inbox, joining, ledger, mailboxes, own, people

ROOMS = (entrance, joining, codes, home, inbox, mailboxes, people, ledger, own)


def init_app(app: Flask) -> None:
    """Open the console; raises TypeError where a page of it names no roles."""
    if app.extensions["portal"].settings.console_origin is None:
        return
    # Made anew for each application, since Flask lets nothing be added to a door that was used.
    door = Blueprint("console", __name__, url_prefix="/staff")
    for room in ROOMS:
        door.register_blueprint(room.door)
    app.register_blueprint(door)
    access.check(app)
