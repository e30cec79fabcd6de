"""The public pages: what happened, whom it concerns, and how to ask; the same for everybody."""

from flask import Blueprint, abort, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.extensions import ground, limiter, no_more_than
from portal.incident import rehearsal
from portal.incident.door import current_incident
from portal.incident.forms import RehearsalForm, StartForm
from portal.incident.holding import COOKIE
from portal.limits import REHEARSALS_PER_HOST
from portal.web import cookies
from portal.web.caching import public_page
from portal.web.fetch_metadata import public_post

door = Blueprint("incident", __name__)


@door.get("/")
@public_page
def index() -> ResponseReturnValue:
    """What happened in short, whom it concerns, and the form to ask by."""
    return render_template("incident/index.html", form=StartForm())


@door.get("/faq")
@public_page
def faq() -> ResponseReturnValue:
    """Questions and answers."""
    return render_template("incident/faq.html")


@door.get("/updates")
@public_page
def updates() -> ResponseReturnValue:
    """What we added since, the newest first."""
    return render_template("incident/updates.html")


@door.get("/real-messages")
@public_page
def real_messages() -> ResponseReturnValue:
    """How to tell the company's real messages from false ones."""
    return render_template("incident/real_messages.html")


@door.get("/rehearsal")
def rehearse() -> ResponseReturnValue:
    """The form for the rehearsal key, while there is something to rehearse."""
    _rehearsal_key()
    return render_template("incident/rehearsal.html", form=RehearsalForm(), footer_links=[], home=None)


@door.post("/rehearsal")
@limiter.limit(no_more_than(REHEARSALS_PER_HOST))
@public_post
def begin_rehearsal() -> ResponseReturnValue:
    """Let the browser look behind the holding page for twelve hours."""
    key, held = _rehearsal_key(), ground()
    form = RehearsalForm().given_once()
    if not form.validate() or not rehearsal.opens(key, form.key.data):
        form.key.errors = [_("This is not the rehearsal key. Look it up and enter it again.")]
        return render_template("incident/rehearsal.html", form=form, footer_links=[], home=None), 400
    response = make_response(redirect(url_for("incident.index"), 303))
    given = rehearsal.new_pass(held.keys, key, now=held.clock())
    cookies.keep(response, COOKIE, given, int(rehearsal.LIFETIME.total_seconds()))
    return response


def _rehearsal_key() -> str:
    held = ground()
    if held.settings.rehearsal_key is None or current_incident().is_published(held.clock()):
        abort(404)
    return held.settings.rehearsal_key.get_secret_value()
