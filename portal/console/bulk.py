"""Bulk: one ready answer to every case of one cause, rehearsed with a count, ordered with a fresh passkey."""

from uuid import UUID

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, SelectField
from wtforms.validators import InputRequired

from portal.cases import bulk, templates
from portal.cases.bulk import BulkMoved
from portal.cases.queue import Filter
from portal.console import desk
from portal.console.access import staff, staff_post
from portal.console.desk_words import ONLY, REASONS
from portal.console.forms import StaffForm, values
from portal.console.page import page
from portal.extensions import ground
from portal.incident.door import current_incident
from portal.members.member import Member
from portal.members.roles import Role
from portal.members.sessions import Present
from portal.tokens import fresh_id

door = Blueprint("bulk", __name__, url_prefix="/desk/bulk")


class BulkForm(StaffForm):
    """Which answer goes to which cases, and how many they were."""

    reason = SelectField(_l("About"), choices=values(REASONS))
    brand = SelectField(_l("Brand"))
    ready = SelectField(_l("Answer"))
    counted = IntegerField(validators=[InputRequired()])


@door.get("")
@staff(Role.AGENT)
def show(me: Present) -> ResponseReturnValue:
    """Choose cause and answer; with both, how many cases and which words."""
    form = _form(me.member, formdata=None)
    for name in ("reason", "brand", "ready"):
        form[name].data = request.args.get(name, "")
    return _page(me, form)


@door.post("")
@staff_post(Role.AGENT, step_up=True)
def order(me: Present) -> ResponseReturnValue:
    """Write it down; the worker carries it out. Sent twice, it is done once."""
    form = _form(me.member).given_once()
    try:
        act = UUID(request.form.get("act", ""))
    except ValueError:
        return _page(me, form), 400
    if not form.validate():
        return _page(me, form), 400
    said = {"counted": form.counted.data, "by": me.member.actor, "now": ground().clock()}
    try:
        with ground().database.write() as session:
            bulk.order(session, act, _wanted(form, me.member), form.ready.data, **said)
    except BulkMoved:
        return _page(me, form, moved=True), 409
    return redirect(url_for("console.bulk.one", act=act), 303)


@door.get("/<uuid:act>")
@staff(*desk.READERS)
def one(me: Present, act: UUID) -> ResponseReturnValue:
    """How far it is."""
    with ground().database.read() as session:
        told = bulk.progress(session, act) or abort(404)
    return page(me, "console/bulk_one.html", told=told, reasons=REASONS)


def _form(person: Member, **said: None) -> BulkForm:
    form = BulkForm(**said)
    form.brand.choices = values(["", *desk.brands_of(person)])
    form.ready.choices = values(templates.named())
    return form


def _wanted(form: BulkForm, person: Member) -> Filter:
    brands = (form.brand.data,) if form.brand.data else desk.limits_of(person)
    return Filter(reason=form.reason.data, brands=brands)


def _page(me: Present, form: BulkForm, *, moved: bool = False) -> str:
    incident, now = current_incident(), ground().clock()
    titles = {name: templates.ready(me.member.locale, name).title for name in templates.named()}
    chosen = form.reason.data in list(REASONS) and form.ready.data in titles
    chosen = chosen and form.brand.data in (form.brand.choices or ())
    counted, texts = 0, {}
    if chosen:
        brand = form.brand.data or incident.brands[0].id
        texts = {code: templates.fill(incident, brand, code, "…", form.ready.data) for code in incident.locales}
        with ground().database.read() as session:
            counted = bulk.count(session, _wanted(form, me.member), now=now)
    every = {"": ONLY[""]} | desk.brand_names()
    told = {"titles": titles, "texts": texts, "counted": counted, "chosen": chosen, "brand_words": every}
    return page(me, "console/bulk.html", form=form, reasons=REASONS, act=fresh_id(), moved=moved, **told)
