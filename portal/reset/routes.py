"""Setting a new password: synchronous, and honest about what is not known."""

from flask import Blueprint, Response, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale

from portal.audit import trail
from portal.audit.events import Event
from portal.extensions import ground, limiter
from portal.identity import visits
from portal.identity.customers import stored_address
from portal.identity.visits import Visit, needs_link, visit_key, visit_page, visit_post
from portal.incident.door import current_incident
from portal.limits import PASSWORDS_PER_VISIT
from portal.reset import obligations, operations
from portal.reset.blocklist import words_of
from portal.reset.correspondence import confirm
from portal.reset.door import current_store
from portal.reset.forms import PasswordForm
from portal.reset.passwords import Fault, fault_of
from portal.reset.stores.protocol import Overtaken, SamePassword, StoreBusy, StoreUncertain
from portal.reset.subjects import Subject, subjects_of
from portal.web.origins import speaking_origin

RETRY_SECONDS = 60
door = Blueprint("reset", __name__)


@door.get("/password")
@visit_page
@needs_link
def password(visit: Visit) -> ResponseReturnValue:
    """The form, for the account that must reset first; or word that there is no password here."""
    subjects = _subjects(visit)
    return _form_page(subjects[0]) if subjects else render_template("reset/none.html")


@door.post("/password")
@limiter.limit(str(PASSWORDS_PER_VISIT), key_func=visit_key)
@visit_post
@needs_link
def set_password(visit: Visit) -> ResponseReturnValue:
    """Set it where the company's identities live; done only when that store has said so (RST-01)."""
    form = PasswordForm().given_once()
    subject = next((one for one in _subjects(visit) if one.handle == form.account.data), None)
    if subject is None:  # set a moment ago, by the same press of the button
        return redirect(url_for("journey.next_step"), 303)
    new, policy = form.password.data or "", current_store().policy
    fault = fault_of(new, policy, _context(subject))
    if fault:
        return _refused(subject, fault)
    try:
        current_store().set_password(subject.key, new, epoch=subject.epoch, now=ground().clock())
    except SamePassword:
        return _refused(subject, Fault.SAME)
    except StoreBusy:
        return _unsure(subject, "busy")
    except StoreUncertain:
        _note_uncertain(subject)
        return _unsure(subject, "uncertain")
    except Overtaken:
        return redirect(url_for("journey.next_step"), 303)
    _finish(visit, subject)
    return redirect(url_for("journey.next_step"), 303)


def _finish(visit: Visit, subject: Subject) -> None:
    now, held, customer = ground().clock(), ground(), subject.customer
    with held.database.write() as session:
        obligations.settle(session, customer.id, obligations.BY_CUSTOMER, now=now)
        operations.order(session, operations.REVOKE, customer.id, now=now)
        visits.end_others(session, visit, now=now)
        confirm(session, held.keys, customer, origin=speaking_origin(), locale=str(get_locale()), now=now)
        trail.record(session, Event.RESET_DONE, now=now, actor="customer", subject=f"account:{customer.id}")


def _note_uncertain(subject: Subject) -> None:
    now = ground().clock()
    with ground().database.write() as session:
        subject_id = f"account:{subject.customer.id}"
        trail.record(session, Event.RESET_UNCERTAIN, now=now, actor="customer", subject=subject_id)


def _subjects(visit: Visit) -> list[Subject]:
    with ground().database.read() as session:
        return subjects_of(session, ground().keys, current_store(), visit)


def _context(subject: Subject) -> list[str]:
    incident = current_incident()
    names = [brand.name for brand in incident.brands]
    return words_of(incident.company.name, *names, stored_address(ground().keys, subject.customer))


def _form_page(subject: Subject, fault: Fault | None = None, trouble: str | None = None) -> str:
    form, policy = PasswordForm(formdata=None), current_store().policy
    form.account.data = subject.handle
    if fault:
        form.refuse(fault, policy)
    brand = current_incident().brand(subject.customer.brand)
    values = {"of": brand.name, "owes": subject.owes, "policy": policy, "trouble": trouble}
    return render_template("reset/password.html", form=form, **values)


def _refused(subject: Subject, fault: Fault) -> ResponseReturnValue:
    return _form_page(subject, fault), 400


def _unsure(subject: Subject, trouble: str) -> Response:
    response = make_response(_form_page(subject, trouble=trouble), 503)
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response
