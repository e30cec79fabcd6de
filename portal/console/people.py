"""The people of the staff: invite, give roles, shut out; an admin cannot do any of it to oneself."""

from uuid import UUID

from flask import Blueprint, abort, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from portal.approvals.proposals import propose
from portal.approvals.refusals import AlreadyProposed
from portal.console.access import staff, staff_post
from portal.console.forms import InviteForm, RecoveryForm, RolesForm, values
from portal.console.inbox import acting
from portal.console.page import page
from portal.console.words import ROLES
from portal.extensions import ground
from portal.members import acts, correspondence, member, passkeys, recovery
from portal.members.door import RECOVERY
from portal.members.member import Member, MemberRefused, Newcomer
from portal.members.roles import Role
from portal.members.sessions import Present
from portal.web.origins import site, speaking_origin

door = Blueprint("people", __name__, url_prefix="/members")
REFUSED = {
    member.NAMELESS: _l("Enter a name."),
    member.UNREADABLE: _l("We cannot read this address. Enter it like name@example.com."),
    member.KNOWN: _l("There is a member with this address already."),
}
READERS = (Role.ADMIN, Role.APPROVER, Role.AUDITOR)


@door.get("")
@staff(*READERS)
def show(me: Present) -> ResponseReturnValue:
    """Everybody, and the form for one more."""
    return _list(me, _invitation())


@door.post("")
@staff_post(Role.ADMIN, step_up=True)
def invite(me: Present) -> ResponseReturnValue:
    """Invite somebody by a letter."""
    form = _invitation().given_once()
    if not form.validate():
        return _list(me, form), 400
    held, now = ground(), ground().clock()
    newcomer = _newcomer(form)
    try:
        with held.database.write() as session:
            person = member.add(session, held.keys, newcomer, now=now)
            said = {"by": me.member.actor, "origin": speaking_origin(), "allows_codes": form.codes.data}
            correspondence.invite(session, held.keys, person, **said, now=now)
    except MemberRefused as refusal:
        form.email.errors = [REFUSED[refusal.args[0]]]
        return _list(me, form), 400
    return redirect(url_for("console.people.one", number=person.id), 303)


@door.get("/<uuid:number>")
@staff(*READERS)
def one(me: Present, number: UUID) -> ResponseReturnValue:
    """One member."""
    return _one(me, number)


@door.post("/<uuid:number>/roles")
@staff_post(Role.ADMIN, step_up=True)
def roles(me: Present, number: UUID) -> ResponseReturnValue:
    """Give a member other roles; whoever has them signs in anew."""
    form = RolesForm().given_once()
    if not form.validate():
        return _one(me, number, form), 400
    with ground().database.write() as session:
        person = _another(session, me, number)
        acts.give_roles(session, person, form.chosen(), by=me.member.actor, now=ground().clock())
    return redirect(url_for("console.people.one", number=number), 303)


@door.post("/<uuid:number>/closure")
@staff_post(Role.ADMIN, step_up=True)
def disable(me: Present, number: UUID) -> ResponseReturnValue:
    """Shut a member out at once."""
    with ground().database.write() as session:
        acts.disable(session, _another(session, me, number), by=me.member.actor, now=ground().clock())
    return redirect(url_for("console.people.one", number=number), 303)


@door.post("/<uuid:number>/opening")
@staff_post(Role.ADMIN, step_up=True)
def enable(me: Present, number: UUID) -> ResponseReturnValue:
    """Let a member sign in again."""
    with ground().database.write() as session:
        acts.enable(session, _another(session, me, number), by=me.member.actor, now=ground().clock())
    return redirect(url_for("console.people.one", number=number), 303)


@door.post("/<uuid:number>/invitation")
@staff_post(Role.ADMIN, step_up=True)
def again(me: Present, number: UUID) -> ResponseReturnValue:
    """Invite once more somebody who has no passkey yet."""
    held, now = ground(), ground().clock()
    with held.database.write() as session:
        person = _another(session, me, number)
        if passkeys.of(session, person) or person.disabled_at is not None:
            abort(409)
        correspondence.invite(session, held.keys, person, by=me.member.actor, origin=speaking_origin(), now=now)
    return redirect(url_for("console.people.one", number=number), 303)


@door.post("/<uuid:number>/recovery")
@staff_post(Role.ADMIN, Role.APPROVER, step_up=True)
def recover(me: Present, number: UUID) -> ResponseReturnValue:
    """Propose that somebody who lost every device begins anew; a second person must agree."""
    form, now = _recovery().given_once(), ground().clock()
    if not form.validate():
        return _one(me, number, recovery=form), 400
    try:
        with ground().database.write() as session:
            person = _another(session, me, number)
            if person.disabled_at is not None:
                abort(409)
            payload = recovery.payload_of(session, person)
            proposal = propose(session, RECOVERY, payload, actor=acting(me), reason=form.reason.data, now=now)
    except AlreadyProposed as known:
        return redirect(url_for("console.inbox.one", number=known.number), 303)
    return redirect(url_for("console.inbox.one", number=proposal.id), 303)


def _another(session: Session, me: Present, number: UUID) -> Member:
    """A member other than oneself: nobody raises, or shuts out, him- or herself."""
    if number == me.member.id:
        abort(403)
    return session.get(Member, number) or abort(404)


def _invitation() -> InviteForm:
    form = InviteForm()
    form.brands.choices = values(_brand_names())
    form.locale.choices = values(site().locales)
    return form


def _recovery(**said: object) -> RecoveryForm:
    form = RecoveryForm(**said)
    form.reason.offer(RECOVERY.reasons)
    return form


def _newcomer(form: InviteForm) -> Newcomer:
    brands = frozenset(form.brands.data or ())
    return Newcomer(form.name.data or "", form.email.data or "", form.chosen(), brands, form.locale.data)


def _brand_names() -> dict[str, str]:
    return {brand.id: brand.name for brand in site().brands}


def _list(me: Present, form: InviteForm) -> str:
    with ground().database.read() as session:
        people = member.everybody(session)
    return page(me, "console/members.html", people=people, form=form, words=ROLES, brand_names=_brand_names())


def _one(me: Present, number: UUID, form: RolesForm | None = None, recovery: RecoveryForm | None = None) -> str:
    form, recovery = form or RolesForm(formdata=None), recovery or _recovery(formdata=None)
    with ground().database.read() as session:
        person = session.get(Member, number) or abort(404)
        held = passkeys.of(session, person)
    form.roles.data = form.roles.data or [role.value for role in person.holds]
    values_of_page = {"person": person, "held": held, "form": form, "words": ROLES}
    return page(me, "console/member.html", recovery=recovery, reasons=RECOVERY.reasons, **values_of_page)
