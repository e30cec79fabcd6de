"""Search: whole address or number, for a reason, few in an hour; what was found is kept under a number of its own."""

from uuid import UUID

import structlog
from flask import Blueprint, abort, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from portal.audit import trail
from portal.audit.events import Event
from portal.console.access import staff, staff_post
from portal.console.finders import FINDERS
from portal.console.forms import values
from portal.console.page import page
from portal.console.record_forms import SearchForm
from portal.console.record_words import WHY
from portal.console.sheets import heading
from portal.extensions import ground
from portal.lookups import looks, searches
from portal.lookups.finding import Asked, Unreadable
from portal.lookups.looks import FOUND, OPEN_FOR, Looker
from portal.lookups.searches import RecordSearch
from portal.members.roles import Role
from portal.members.sessions import Present
from portal.web.origins import site

door = Blueprint("search", __name__, url_prefix="/search")
LOOKERS = (Role.AGENT, Role.APPROVER)
log = structlog.get_logger()


def brands_of(me: Present) -> tuple[str, ...]:
    """The brands that this member works for."""
    return me.member.works_for or tuple(brand.id for brand in site().brands)


def role_of(me: Present) -> str:
    """In which role this member looks at records."""
    return next(role.value for role in LOOKERS if role in me.member.holds)


@door.get("")
@staff(*LOOKERS)
def show(me: Present) -> ResponseReturnValue:
    """The form, and how many searches are left."""
    return _page(me, _form(formdata=None))


@door.post("")
@staff_post(*LOOKERS)
def search(me: Present) -> ResponseReturnValue:
    """Search, unless it is one too many; each search is written down before anybody is looked for."""
    form = _form().given_once()
    if not form.validate():
        return _page(me, form), 400
    try:
        with ground().database.write() as session:
            made = _search(session, me, form)
    except Unreadable:
        form.text.errors = [_l("We cannot read this. Enter all of it, exactly as it is.")]
        return _page(me, form), 400
    if made.refused:
        log.warning("record:refused", member=str(me.member.id))
        return _page(me, _form(formdata=None), refused=True), 429
    return redirect(url_for("console.search.found", number=made.id), 303)


@door.get("/<uuid:number>")
@staff(*LOOKERS)
def found(me: Present, number: UUID) -> ResponseReturnValue:
    """What one's own search of the last hour found."""
    held, now = ground(), ground().clock()
    with held.database.read() as session:
        made = searches.get_own(session, number, me.member.id, since=now - OPEN_FOR) or abort(404)
        headings = [heading(held.keys, one) for one in looks.found_by(session, made.id)]
    brand_names = {brand.id: brand.name for brand in site().brands}
    return page(me, "console/found.html", search=made, headings=headings, brand_names=brand_names, why=WHY)


def _search(session: Session, me: Present, form: SearchForm) -> RecordSearch:
    held, now, actor = ground(), ground().clock(), me.member.actor
    finder, reason = form.finder.data, form.reason.data
    made = searches.begin(session, me.member.id, finder, reason, now=now)
    if made.refused:
        trail.record(session, Event.RECORD_REFUSED, now=now, actor=actor, subject="search", reason=reason)
        return made
    asked = Asked(form.text.data or "", brands_of(me), now)
    fits = [one for one in FINDERS[finder].find(session, held.keys, asked) if one.brand in asked.brands]
    looker = Looker(me.member.id, role_of(me), reason, made.id)
    for customer in fits:
        looks.note(session, looker, customer.id, FOUND, now=now)
    said = {"by": finder, "reason": reason, "found": len(fits)}
    trail.record(session, Event.RECORD_SEARCHED, now=now, actor=actor, subject=f"search:{made.id}", **said)
    return made


def _form(**said: object) -> SearchForm:
    form = SearchForm(**said)
    form.finder.choices = values(FINDERS)
    return form


def _page(me: Present, form: SearchForm, *, refused: bool = False) -> str:
    with ground().database.read() as session:
        left = searches.left_to(session, me.member.id, now=ground().clock())
    labels = {name: finder.label for name, finder in FINDERS.items()}
    return page(me, "console/search.html", form=form, labels=labels, why=WHY, left=left, refused=refused)
