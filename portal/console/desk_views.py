"""Views: a member keeps a look at the desk under a name, and drops it again."""

from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from flask import Blueprint, abort, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.cases import views
from portal.cases.views import TooManyViews
from portal.console import desk
from portal.console.access import staff, staff_post
from portal.console.desk_forms import ViewForm
from portal.extensions import ground
from portal.members.sessions import Present

door = Blueprint("desk_views", __name__, url_prefix="/desk/views")


@door.post("")
@staff_post(*desk.READERS)
def keep(me: Present) -> ResponseReturnValue:
    """Keep what is looked for now."""
    form = desk.with_choices(ViewForm().given_once(), me.member)
    if not form.validate():
        return desk.sight(me, form, 400)
    asked = {field.name: field.data for field in form.filters() if field.data}
    try:
        with ground().database.write() as session:
            kept = views.keep(session, me.member.id, form.name.data, urlencode(asked))
    except TooManyViews:
        form.name.errors = [_("You keep %(most)s views already. Drop one first.", most=views.MOST)]
        return desk.sight(me, form, 409)
    return redirect(url_for("console.desk_views.show", number=kept), 303)


@door.get("/<uuid:number>")
@staff(*desk.READERS)
def show(me: Present, number: UUID) -> ResponseReturnValue:
    """Look at the desk as it was kept."""
    with ground().database.read() as session:
        view = views.get_own(session, me.member.id, number) or abort(404)
    return desk.sight(me, asked=dict(parse_qsl(view.query)))


@door.post("/<uuid:number>/removal")
@staff_post(*desk.READERS)
def drop(me: Present, number: UUID) -> ResponseReturnValue:
    """Drop one of one's own."""
    with ground().database.write() as session:
        views.drop(session, me.member.id, number)
    return redirect(url_for("console.desk.show"), 303)
