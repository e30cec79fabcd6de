"""The customer's side of a change of address: the link or the visit that stops it, and the code of a posted letter."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.cases import cancelling, posted
from portal.cases.cancelling import CancelRefused
from portal.cases.forms import PostedForm, StopForm
from portal.cases.guards import owner_post, pass_page, pass_post
from portal.cases.owners import Owner
from portal.cases.passes import Pass
from portal.extensions import ground, limiter, no_more_than
from portal.identity.proofs import Proof
from portal.identity.visits import Visit
from portal.limits import PROOFS_PER_HOST, RETURNS_PER_HOST
from portal.web.caching import public_page
from portal.web.fetch_metadata import public_post

door = Blueprint("mailbox", __name__)


@door.get("/help/stop")
@public_page
def ask() -> ResponseReturnValue:
    """Show the button; opening the link changes nothing, since mail scanners follow links."""
    return render_template("cases/stop.html", form=StopForm(), refused=False)


@door.post("/help/stop")
@limiter.limit(no_more_than(PROOFS_PER_HOST))
@public_post
def stop() -> ResponseReturnValue:
    """Stop the change; every refusal is one page."""
    form, held, now = StopForm().given_once(), ground(), ground().clock()
    said = {"public_id": form.public_id.data or "", "token": form.token.data or "", "link": form.link.data or ""}
    proof = Proof.read(cookie="", code="", **said)
    with held.database.write() as session:
        try:
            cancelling.by_link(session, held.keys, proof.public_id, proof.token, now=now)
        except CancelRefused:
            return render_template("cases/stop.html", form=StopForm(formdata=None), refused=True), 400
    return render_template("cases/stopped.html")


@door.post("/help/mine/stop")
@owner_post
def stop_own(_visit: Visit, owner: Owner) -> ResponseReturnValue:
    """Stop what waits for the accounts whose address was proven just now."""
    with ground().database.write() as session:
        cancelling.by_visit(session, list(owner.accounts), now=ground().clock())
    return render_template("cases/stopped.html")


@door.get("/help/case/code")
@pass_page
def ask_code(_held: Pass) -> ResponseReturnValue:
    """The form for the code of our letter on paper."""
    return render_template("cases/posted.html", form=PostedForm(formdata=None), refused=False)


@door.post("/help/case/code")
@limiter.limit(no_more_than(RETURNS_PER_HOST))
@pass_post
def type_code(held: Pass) -> ResponseReturnValue:
    """Take the code of our letter on paper."""
    form, ours = PostedForm().given_once(), ground()
    with ours.database.write() as session:
        proven = posted.prove(session, ours.keys, held.case, form.code.data or "", now=ours.clock())
    if not proven:
        return render_template("cases/posted.html", form=PostedForm(formdata=None), refused=True), 400
    return redirect(url_for("case.read"), 303)
