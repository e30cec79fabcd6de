"""The forms by which a customer writes to us and comes back."""

from collections.abc import Mapping
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import StringField, TextAreaField, ValidationError
from wtforms.validators import Length

from portal.cases.door import REASONS, Written
from portal.cases.reasons import Reason
from portal.identity import addresses
from portal.web.forms import PublicForm, VisitForm

LONGEST = 200
ABOUT, CHOOSE = _l("What is it about?"), _l("Choose what it is about.")
UNREADABLE = _l("We cannot read this email address. Enter it like name@example.com, or leave it empty.")
# Whoever has proved an address has read a letter.
WITHOUT_MAILBOX = (Reason.MAILBOX_GONE, Reason.LETTER_MISSING)
PROVEN = {reason.value: words for reason, words in REASONS.items() if reason not in WITHOUT_MAILBOX}


class OneOf(StringField):
    """A choice of one among what is offered, by value and words; `asks` says so where none was made."""

    def __init__(self, label: str, *, asks: str, offered: Mapping[Any, str] | None = None, **rest: Any) -> None:
        super().__init__(label, **rest)
        self.asks, self.offered = asks, dict(offered or {})

    def post_validate(self, form: object, validation_stopped: bool) -> None:
        """Raises ValidationError where nothing was chosen, or something that is not there."""
        if self.data not in self.offered:
            raise ValidationError(str(self.asks))


def _text(label: str) -> TextAreaField:
    return TextAreaField(label, validators=[Written()])


class WriteForm(PublicForm):
    """A message to us, with or without an address."""

    reason = OneOf(ABOUT, asks=CHOOSE, offered=REASONS)
    text = _text(_l("What happened?"))
    contact = StringField(_l("Your email address with us, if you like"))

    def validate_contact(self, field: StringField) -> None:
        """Only the spelling is judged here; nobody is looked up."""
        field.data = (field.data or "").strip()
        try:
            if field.data:
                addresses.read(field.data)
        except addresses.AddressRefused:
            raise ValidationError(str(UNREADABLE)) from None


class OwnForm(VisitForm):
    """A message from a proven visit, about one of its accounts."""

    account = OneOf(_l("Which account is it about?"), asks=_l("Choose the account."))
    reason = OneOf(ABOUT, asks=CHOOSE, offered=PROVEN)
    text = _text(_l("What happened?"))


class PickForm(VisitForm):
    """One of the visitor's own cases."""

    number = StringField(validators=[Length(max=LONGEST)])


class HelperForm(VisitForm):
    """Somebody who acts for the visitor."""

    helper = StringField(validators=[Length(max=LONGEST)])


class ReturnForm(PublicForm):
    """The number and the words of a case."""

    number = StringField(_l("Number of your message"), validators=[Length(max=LONGEST)])
    phrase = StringField(_l("Your phrase of four words"), validators=[Length(max=LONGEST)])


class AgainForm(VisitForm):
    """Something more to say in a case."""

    text = _text(_l("Write again"))


class StopForm(PublicForm):
    """The parts of the link that stops a change of address, or the whole of it as pasted."""

    public_id = StringField(validators=[Length(max=LONGEST)])
    token = StringField(validators=[Length(max=LONGEST)])
    link = StringField(_l("Link from the letter"), validators=[Length(max=2000)])


class PostedForm(VisitForm):
    """The code of our letter on paper."""

    code = StringField(_l("Code from the letter"), validators=[Length(max=LONGEST)])
