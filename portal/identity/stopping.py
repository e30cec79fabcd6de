"""“I did not ask for this”: the pages of the letter's other link."""

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from portal.extensions import ground, limiter, no_more_than
from portal.identity import stops
from portal.identity.forms import ProofForm
from portal.identity.proofs import ProofRefused
from portal.limits import PROOFS_PER_HOST
from portal.web.caching import public_page
from portal.web.fetch_metadata import public_post

door = Blueprint("stopping", __name__)


@door.get("/revoke")
@public_page
def ask() -> ResponseReturnValue:
    """Ask for the code, so that a program that presses every button stops nothing (LNK-19)."""
    return render_template("identity/stop.html", form=ProofForm())


@door.post("/revoke")
@limiter.limit(no_more_than(PROOFS_PER_HOST))
@public_post
def stop() -> ResponseReturnValue:
    """End the link, and write no letter for a day."""
    return _act(stops.stop, "identity/stopped.html")


@door.post("/revoke/undo")
@limiter.limit(no_more_than(PROOFS_PER_HOST))
@public_post
def undo() -> ResponseReturnValue:
    """Let letters go out again."""
    return _act(stops.undo, "identity/restored.html")


def _act(act: stops.Act, page: str) -> ResponseReturnValue:
    form = ProofForm().given_once()
    proof = form.proof("")
    with ground().database.write() as session:
        try:
            act(session, ground().keys, proof, now=ground().clock())
        except ProofRefused:
            return render_template("identity/stop_refused.html", form=form, proof=proof), 400
    return render_template(page, form=form, proof=proof)
