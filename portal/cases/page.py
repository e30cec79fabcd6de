"""The page of one case, and the two acts on it, however its reader came to it."""

from dataclasses import dataclass
from uuid import UUID

from flask import redirect, render_template
from flask.typing import ResponseReturnValue

from portal.cases import messages, writing
from portal.cases.case import CLOSED, Case, show_number
from portal.cases.door import CLOSURES, REASONS, STATES
from portal.cases.forms import AgainForm
from portal.cases.reasons import Closure, Reason
from portal.cases.writing import CaseClosed, TooManyMessages
from portal.extensions import ground
from portal.incident.door import current_incident


@dataclass(frozen=True)
class Places:
    """Where the page itself is, and where its forms lead; only a pass can be given back here."""

    here: str
    message: str
    closure: str
    leave: str = ""


def show(case_id: UUID, places: Places, form: AgainForm | None = None, *, crowded: bool = False) -> str:
    """State, deadline and what was said; notes of the staff are not read at all."""
    held = ground()
    with held.database.read() as session:
        case = session.get_one(Case, case_id)
        said = messages.of(session, held.keys, case_id)
    return render_template(
        "cases/case.html",
        case=case,
        number=show_number(case.number),
        reason=REASONS[Reason(case.reason)],
        state=STATES[case.state],
        ended=CLOSURES[Closure(case.close_reason)] if case.close_reason else None,
        is_open=case.state != CLOSED,
        said=said,
        places=places,
        form=form or AgainForm(formdata=None),
        crowded=crowded,
    )


def write_again(case_id: UUID, places: Places) -> ResponseReturnValue:
    """Add a message, and show it."""
    form, held = AgainForm().given_once(), ground()
    if not form.validate():
        return show(case_id, places, form), 400
    try:
        with held.database.write() as session:
            zone = current_incident().zone
            writing.write_again(session, held.keys, case_id, form.text.data, zone, now=held.clock())
    except TooManyMessages:
        return show(case_id, places, form, crowded=True), 429
    except CaseClosed:
        pass  # the page says so
    return redirect(places.here, 303)


def take_back(case_id: UUID, places: Places) -> ResponseReturnValue:
    """End the case at the customer's wish; twice is once."""
    try:
        with ground().database.write() as session:
            writing.take_back(session, case_id, now=ground().clock())
    except CaseClosed:
        pass
    return redirect(places.here, 303)
