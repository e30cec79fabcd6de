"""The forms of the desk: what to look for, and what to do with a case; each act says which version it saw."""

from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional

from portal.cases import queue
from portal.cases.door import Written
from portal.cases.views import LONGEST_NAME
from portal.console.desk_words import ANSWERING, CLOSING, DECIDING, HANDING, REASONS
from portal.console.forms import OneOf, StaffForm, values
from portal.lookups.reasons import LOOKING
from portal.web.forms import PublicForm


class Filters:
    """What to look for on the desk."""

    turn = SelectField(_l("Whose turn"), choices=values(queue.TURNS), default=queue.OURS, validators=[Optional()])
    reason = SelectField(_l("About"), choices=values(["", *REASONS]), validators=[Optional()])
    brand = SelectField(_l("Brand"), validators=[Optional()])
    locale = SelectField(_l("Language"), validators=[Optional()])
    only = SelectField(_l("Only"), choices=values(["", *queue.ONLY]), validators=[Optional()])

    def filters(self) -> tuple[SelectField, ...]:
        """The fields that say what is looked for."""
        return self.turn, self.reason, self.brand, self.locale, self.only


class DeskForm(Filters, PublicForm):
    """What to look for on the desk; sent by GET, so that a look can be kept as a bookmark."""

    class Meta(PublicForm.Meta):
        """As any public form, but read from the address."""

        def wrap_formdata(self, form: Any, formdata: object) -> Any:
            """What was kept, or the address's own fields."""
            return request.args if formdata is None else formdata


class ViewForm(Filters, StaffForm):
    """A look that is kept, and what it is called."""

    name = StringField(
        _l("Name of this view"),
        validators=[Length(1, LONGEST_NAME, message=_l("Enter a name of 1 to 40 signs."))],
    )


class SeenForm(StaffForm):
    """An act on a case as it was seen."""

    version = IntegerField(validators=[InputRequired()])


class AnswerForm(SeenForm):
    """What the customer reads."""

    why = OneOf(offered=ANSWERING, id="answer-why")
    text = TextAreaField(_l("Answer"), validators=[Written()])


class NoteForm(SeenForm):
    """What only the staff reads."""

    note = TextAreaField(_l("Note for the staff"), validators=[Written()])


class CloseForm(SeenForm):
    """How the case ended."""

    why = OneOf(offered=CLOSING, id="close-why")


class DecideForm(SeenForm):
    """What became of a disputed answer."""

    why = OneOf(_l("What is true"), DECIDING, asks=_l("Choose what is true."), id="decide-why")


class AssignForm(SeenForm):
    """Who has the case next."""

    to = SelectField(_l("To whom"))
    why = OneOf(offered=HANDING, id="assign-why")


class RecordForm(SeenForm):
    """Whose record is opened for the case, and why."""

    account = SelectField(_l("Account"))
    reason = OneOf(offered=LOOKING, id="record-reason")


class ContactForm(SeenForm):
    """Why the address that was claimed is uncovered."""

    reason = OneOf(offered=LOOKING, id="contact-reason")


class MergeForm(SeenForm):
    """The case to go on in."""

    into = StringField(_l("Number of the other case"), validators=[Length(max=200)])
