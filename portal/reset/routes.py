"""Setting a new password: synchronous, and honest about what is not known."""

from collections.abc import Sequence

import structlog
from flask import Blueprint, Response, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from portal.database import is_outage
from portal.extensions import ground, limiter
from portal.identity import visits
from portal.identity.acting import actor_of
from portal.identity.customers import stored_address
from portal.identity.visits import Visit, needs_link, visit_key, visit_page, visit_post
from portal.incident.door import current_incident
from portal.limits import PASSWORDS_PER_VISIT
from portal.reset import setting
from portal.reset.blocklist import words_of
from portal.reset.correspondence import confirm
from portal.reset.door import after_reset, current_pwned, current_store
from portal.reset.forms import PasswordForm, needs_in_words
from portal.reset.guessing import Weakness
from portal.reset.passwords import Fault, fault_of, lacking
from portal.reset.stores.protocol import (
    Need,
    Overtaken,
    PasswordRefused,
    Refusal,
    SamePassword,
    StillWaiting,
    StoreAway,
    StoreBusy,
    StoreUncertain,
)
from portal.reset.subjects import Subject, owners_of, subjects_of
from portal.web.origins import speaking_origin

RETRY_SECONDS = 60
TROUBLES = {StillWaiting: "waiting", StoreBusy: "busy", StoreAway: "away"}
door = Blueprint("reset", __name__)


@door.get("/password")
@visit_page
@needs_link
def password(visit: Visit) -> ResponseReturnValue:
    """The form, for the account that must reset first; or word that there is no password here."""
    try:
        subjects = _subjects(visit)
    except (StoreBusy, StoreUncertain):
        return _later(render_template("reset/away.html"))
    if not subjects:
        return render_template("reset/none.html")
    just_set = [one for one in subjects if one.changed_at and one.changed_at >= visit.proved_at]
    return _form_page(subjects[0], just_set=just_set)


@door.post("/password")
@limiter.limit(str(PASSWORDS_PER_VISIT), key_func=visit_key, deduct_when=lambda response: response.status_code != 503)
@visit_post
@needs_link
def set_password(visit: Visit) -> ResponseReturnValue:
    """Set it where the company's identities live; done only when that store has said so (RST-01)."""
    form = PasswordForm().given_once()
    new = form.take_password()
    try:
        subject = next((one for one in _subjects(visit) if one.handle == form.account.data), None)
    except (StoreBusy, StoreUncertain):
        return _later(render_template("reset/away.html"))
    if subject is None:  # set a moment ago, by the same press of the button
        return redirect(url_for("journey.next_step"), 303)
    return _set(visit, subject, new)


def _set(visit: Visit, subject: Subject, new: str) -> ResponseReturnValue:
    store = current_store()
    if fault := fault_of(new, store.policy, _context(subject), current_pwned()):
        return _refused(subject, fault, lacking(new, store.policy))
    try:
        store.set_password(subject.key, new, epoch=subject.epoch, now=ground().clock())
        _finish(visit, subject)
    except SamePassword:
        return _refused(subject, Fault.SAME)
    except PasswordRefused as refusal:
        return _refused(subject, refusal.reason)
    except (StoreBusy, StoreAway) as trouble:  # nothing was done
        return _later(_form_page(subject, trouble=TROUBLES[type(trouble)]), trouble.seconds)
    except Overtaken:
        pass  # by the same press of the button, or in another window
    except Exception as error:
        if not isinstance(error, StoreUncertain) and not is_outage(error):
            raise
        _note_uncertain(visit, subject)
        return _later(_form_page(subject, trouble="uncertain"))
    return redirect(url_for("journey.next_step"), 303)


def _finish(visit: Visit, subject: Subject) -> None:
    now, held, customer = ground().clock(), ground(), subject.customer
    with held.database.write() as session:
        if visit.acts_as:  # a helper proved another mailbox than the account's
            visits.end_at(session, customer.email_index, now=now)
        else:  # before all else, for the worker takes a change before its account
            after_reset()(session, customer.id, now)
        setting.was_set(session, customer, by=actor_of(visit), now=now)
        visits.end_others(session, visit, now=now)
        confirm(session, held.keys, customer, origin=speaking_origin(), locale=str(get_locale()), now=now)


def _note_uncertain(visit: Visit, subject: Subject) -> None:
    try:
        with ground().database.write() as session:
            setting.is_uncertain(session, subject, by=actor_of(visit), now=ground().clock())
    except Exception as error:  # the page must say what is not known, even where it cannot be written down
        if not is_outage(error):
            raise
        structlog.get_logger().error("uncertain reset not written down", account=str(subject.customer.id))


def _subjects(visit: Visit) -> list[Subject]:
    with ground().database.read() as session:
        owners = owners_of(session, visit, now=ground().clock())
    return subjects_of(ground().keys, current_store(), visit, owners)


def _context(subject: Subject) -> list[str]:
    incident = current_incident()
    names = [brand.name for brand in incident.brands]
    return words_of(incident.company.name, *names, stored_address(ground().keys, subject.customer))


def _form_page(
    subject: Subject,
    fault: Fault | Weakness | Refusal | None = None,
    trouble: str | None = None,
    just_set: Sequence[Subject] = (),
    lacks: Sequence[Need] = (),
) -> str:
    form, policy = PasswordForm(formdata=None), current_store().policy
    form.account.data = subject.handle
    if fault:
        form.refuse(fault, policy, lacks)
    values = {"of": _brand(subject), "owes": subject.owes, "policy": policy, "trouble": trouble}
    values["needs"] = needs_in_words(policy.needs)
    values["address"] = stored_address(ground().keys, subject.customer)
    values["just_set"] = [_brand(one) for one in just_set]
    return render_template("reset/password.html", form=form, **values)


def _brand(subject: Subject) -> str:
    return current_incident().brand(subject.customer.brand).name


def _refused(subject: Subject, fault: Fault | Weakness | Refusal, lacks: Sequence[Need] = ()) -> ResponseReturnValue:
    return _form_page(subject, fault, lacks=lacks), 400


def _later(page: str, seconds: float = 0) -> Response:
    response = make_response(page, 503)
    response.headers["Retry-After"] = str(max(RETRY_SECONDS, round(seconds)))
    return response
