"""A page of the console: the frame that all have, with the rooms that this member may enter."""

import json
from typing import Any

from flask import current_app, render_template, request, url_for
from flask_babel import lazy_gettext as _l

from portal.console.forms import StaffForm
from portal.extensions import ground
from portal.members.passkeys import Place, showing
from portal.members.sessions import Present
from portal.web.origins import speaking_origin

ROOMS = {
    "console.home.show": _l("Start"),
    "console.desk.show": _l("Desk"),
    "console.search.show": _l("Search"),
    "console.inbox.show": _l("Approvals"),
    "console.mailboxes.show": _l("Mailboxes"),
    "console.people.show": _l("Members"),
    "console.trail.show": _l("Trail"),
    "console.lookups.show": _l("Look-ups"),
    "console.own.show": _l("My passkeys"),
}


def page(me: Present, template: str, **values: Any) -> str:
    """The page for somebody who is signed in; `fresh` says whether a passkey was shown just now."""
    fresh = me.session.is_fresh(ground().clock())
    frame = {"me": me, "rooms": rooms(me), "blank": StaffForm(formdata=None), "fresh": fresh} | asking()
    return render_template(template, **frame, **values)


def asking() -> dict[str, str]:
    """What the script needs in order to ask for a passkey."""
    return {"showing": json.dumps(showing(Place(speaking_origin())))}


def rooms(me: Present) -> list[dict[str, Any]]:
    """The rooms that this member may enter, and which of them this is."""
    here = (request.endpoint or "").rpartition(".")[0]
    open_ones = {name: text for name, text in ROOMS.items() if _opens(me, name)}
    return [
        {"href": url_for(name), "text": text, "here": name.rpartition(".")[0] == here}
        for name, text in open_ones.items()
    ]


def _opens(me: Present, endpoint: str) -> bool:
    view = current_app.view_functions.get(endpoint)
    return bool(me.member.holds & getattr(view, "roles", frozenset()))
