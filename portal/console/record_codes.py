"""The code on a sheet: an agent proposes that it is replaced, or takes that back; an approver must agree."""

from uuid import UUID

from flask import Blueprint, abort, redirect, url_for
from flask.typing import ResponseReturnValue

from portal.approvals import deciding
from portal.approvals.proposals import find, propose
from portal.approvals.refusals import AlreadyProposed, Gone, NotTaken
from portal.console.access import staff_post
from portal.console.inbox import acting
from portal.console.record_forms import ReplaceForm, WithdrawForm
from portal.console.records import Closed, opened, refuse, sheet_page
from portal.enrolment import replacing
from portal.enrolment.door import REPLACEMENT
from portal.enrolment.replacing import NoCode
from portal.extensions import ground
from portal.lookups import looks
from portal.lookups.looks import Looker
from portal.members.roles import Role
from portal.members.sessions import Present

door = Blueprint("record_codes", __name__, url_prefix="/customers")
door.register_error_handler(Closed, refuse)
ABOUT = "code-trouble"  # what the customer reads


@door.post("/<uuid:number>/code")
@staff_post(Role.AGENT)
def replace(me: Present, number: UUID) -> ResponseReturnValue:
    """Ask for another code; the same proposal twice is one."""
    form, held, now = ReplaceForm().given_once(), ground(), ground().clock()
    good = form.validate()
    try:
        with held.database.write() as session:
            customer, found = opened(session, me, number)
            if good:
                wish = replacing.wish_of(session, held.keys, customer)
                said = {"reason": form.reason.data, "note": form.note.data or ""}
                propose(session, REPLACEMENT, wish, actor=acting(me), now=now, **said)
                looker = Looker(found.member, found.role, ABOUT, found.search, found.case)
                looks.note(session, looker, customer.id, looks.REPLACING, now=now)
    except NoCode:
        abort(409)
    except AlreadyProposed:
        pass
    if not good:
        return sheet_page(me, customer, tried=form), 400
    return redirect(url_for("console.records.show", number=number), 303)


@door.post("/<uuid:number>/code/withdrawal")
@staff_post(Role.AGENT)
def withdraw(me: Present, number: UUID) -> ResponseReturnValue:
    """Take back what one proposed, while nobody has agreed."""
    form, held, now = WithdrawForm().given_once(), ground(), ground().clock()
    good = form.validate()
    try:
        with held.database.write() as session:
            customer, _ = opened(session, me, number)
            if good:
                waiting = find(session, replacing.KIND, replacing.wish_of(session, held.keys, customer), now=now)
                if waiting is None:
                    raise Gone
                deciding.withdraw(session, waiting.id, actor=acting(me), reason=form.reason.data, now=now)
    except (NoCode, NotTaken):
        abort(409)
    if not good:
        return sheet_page(me, customer, tried=form), 400
    return redirect(url_for("console.records.show", number=number), 303)
