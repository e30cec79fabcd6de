"""The console's rooms behind one door, which exists only where the settings name its host."""

from importlib import import_module

from flask import Blueprint, Flask

from portal.console import (
    access,
    bulk,
    case_exports,
    case_records,
    casework,
    codes,
    desk,
    desk_views,
    entrance,
    figures,
    handing,
    helping,
    home,
    inbox,
    joining,
    ledger,
    lookups,
    mailboxes,
    own,
    people,
    record_acts,
    record_cases,
    record_codes,
    records,
    search,
)

DESK = (desk, desk_views, case_exports, bulk, figures, casework, case_records, handing)
RECORDS = (search, records, record_acts, record_cases, record_codes, helping, mailboxes)
ROOMS = (entrance, joining, codes, home, *DESK, *RECORDS, inbox, people, ledger, lookups, own)


def init_app(app: Flask) -> None:
    """Open the console; raises TypeError where a page of it names no roles."""
    settings = app.extensions["portal"].settings
    if settings.console_origin is None:
        return
    # Made anew for each application, since Flask lets nothing be added to a door that was used.
    door = Blueprint("console", __name__, url_prefix="/staff")
    for room in ROOMS:
        door.register_blueprint(room.door)
    if settings.oidc_issuer is not None:
        # By name, so that nobody else waits at each start until its libraries are read.
        company = import_module("portal.console.company")
        company.init_app(app)
        door.register_blueprint(company.door)
    app.register_blueprint(door)
    access.check(app)
