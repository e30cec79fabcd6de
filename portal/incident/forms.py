"""The forms of the public pages."""

from flask_babel import lazy_gettext as _l
from wtforms import EmailField, PasswordField
from wtforms.validators import Length

from portal.web.forms import PublicForm


class StartForm(PublicForm):
    """An address to send a letter to; the identity room reads what is sent."""

    email = EmailField(_l("Your email address"))


class RehearsalForm(PublicForm):
    """The key that opens the pages before they are published."""

    key = PasswordField(_l("Rehearsal key"), validators=[Length(min=1, max=200)])
