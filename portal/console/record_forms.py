"""The forms about customers' records; each act has a reason of a fixed list, and a note apart from it (STF-11)."""

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import DateField, RadioField, SelectField, StringField, TextAreaField, ValidationError
from wtforms.validators import UUID, DataRequired, InputRequired, Length

from portal.approvals.deciding import WITHDRAWING
from portal.approvals.kinds import LONGEST_NOTE as LONGEST_HINT
from portal.cases.door import Written
from portal.cases.reasons import Reason
from portal.console.forms import OneOf, StaffForm, values
from portal.enrolment.door import REPLACEMENT
from portal.lookups.looks import MASKED
from portal.lookups.reasons import ACTING, LONGEST_NOTE, LOOKING

LONGEST_TYPED = 320


def _printable(_form: Any, field: TextAreaField) -> None:
    if not all(sign.isprintable() or sign in "\r\n" for sign in field.data or ""):
        raise ValidationError(str(_l("The note holds signs that cannot be printed.")))


class SearchForm(StaffForm):
    """Whom to search for, by what, and why."""

    finder = RadioField(_l("Search by"), validators=[InputRequired(_l("Choose what you search by."))])
    text = StringField(
        _l("All of it, exactly"),
        validators=[
            DataRequired(_l("Enter what you search for.")),
            Length(max=LONGEST_TYPED, message=_l("This is too long.")),
        ],
    )
    reason = OneOf(offered=LOOKING)


class UncoverForm(StaffForm):
    """Which masked field to uncover, and why."""

    field = SelectField(_l("Which field"), choices=values(MASKED), validators=[DataRequired()])
    reason = OneOf(offered=LOOKING)


class ActForm(StaffForm):
    """Why a member acts on a record; `once` makes the same press count once, however often it arrives."""

    once = StringField(validators=[UUID()])
    reason = OneOf(offered=ACTING)
    note = TextAreaField(
        _l("Note"),
        validators=[Length(max=LONGEST_NOTE, message=_l("The note may have 500 signs at most.")), _printable],
    )


class ReplaceForm(StaffForm):
    """Why somebody should have another code."""

    reason = OneOf(offered=REPLACEMENT.reasons)
    note = StringField(_l("Note, without names of customers"), validators=[Length(max=LONGEST_HINT), _printable])


class WithdrawForm(StaffForm):
    """Why nobody needs another code after all."""

    reason = OneOf(offered=WITHDRAWING)


class CaseForm(StaffForm):
    """What a customer told us of, who cannot or need not write."""

    once = StringField(validators=[UUID()])
    about = OneOf(_l("What is it about?"), Reason)
    text = TextAreaField(_l("What they told us"), validators=[Written()])


class ExportForm(StaffForm):
    """Which days' look-ups are to be exported, and why."""

    since = DateField(_l("First day"), validators=[DataRequired(_l("Enter a day."))])
    until = DateField(_l("Last day"), validators=[DataRequired(_l("Enter a day."))])
    reason = OneOf()
    note = StringField(_l("Note, without names of customers"), validators=[Length(max=200)])
