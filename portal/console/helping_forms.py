"""The forms about who acts for a customer."""

from datetime import date, datetime, time, timedelta, tzinfo

from flask_babel import lazy_gettext as _l
from wtforms import DateField, SelectMultipleField, StringField, ValidationError
from wtforms.validators import DataRequired

from portal.console.forms import OneOf, StaffForm, readable
from portal.identity.helpers import LONGEST


class HelperForm(StaffForm):
    """Who is to help, with what, and until when; `today` is the day in the incident's zone."""

    today: date
    relation = OneOf(_l("Who is it?"), asks=_l("Choose who it is."))
    may = SelectMultipleField(_l("What may they do, besides reading the answer?"))
    email = StringField(_l("Their own email address"), validators=[readable])
    until = DateField(_l("Until the end of"), validators=[DataRequired(_l("Enter a day."))])
    reason = OneOf()

    def validate_until(self, field: DateField) -> None:
        """A day to come, at most a year away."""
        if field.data is None or not self.today <= field.data <= self.today + LONGEST:
            raise ValidationError(str(_l("Choose a day from today on, at most a year away.")))

    def ends_at(self, zone: tzinfo) -> datetime:
        """When the chosen day is over there."""
        return datetime.combine((self.until.data or self.today) + timedelta(days=1), time.min, zone)


class PassingForm(StaffForm):
    """Why we think so."""

    reason = OneOf(id="passing-reason")
