"""The letter on paper that carries a code: as a PDF, or where no common font spells it, as a page to print."""

from datetime import datetime

from flask import Response
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _

from portal.cases import posted
from portal.cases.case import Case, show_number
from portal.cases.paper import Sheet, UnfitLetters, pdf
from portal.console.page import page
from portal.incident.door import current_incident as site
from portal.members.sessions import Present
from portal.moments import DAY_FIRST, moment_in_words


def shown(me: Present, case: Case, code: str, *, now: datetime) -> ResponseReturnValue:
    """The letter of this case, in the language that is spoken now."""
    sheet = Sheet(
        case.locale, (site().company.name, *site().company.address), _("Your code for a new email address"),
        _paragraphs(case, code, now), code, now,
    )  # fmt: skip
    try:
        written = pdf(sheet)
    except UnfitLetters:
        return page(me, "console/mailbox_letter.html", sheet=sheet)
    response = Response(written, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{show_number(case.number)}.pdf"'
    return response


def _paragraphs(case: Case, code: str, now: datetime) -> list[str]:
    number, until = (
        show_number(case.number),
        moment_in_words(now + posted.LASTS, get_locale() or DAY_FIRST, site().zone),
    )
    about = _(
        "somebody told us that they cannot read their mailbox any more, and wrote to us under the number %(number)s. "
        "If that was you, this code shows that this letter reached you:",
        number=number,
    )
    how = _(
        "Open %(page)s, type the number and your phrase of four words, and then this code. It is good until %(until)s.",
        page=f"{case.origin}/help/case",
        until=until,
    )
    warning = _(
        "Was it not you? Then keep this letter to yourself and call us. We never ask for this code on the phone."
    )
    return [_("Hello,"), about, code, how, warning, site().company.phone]
