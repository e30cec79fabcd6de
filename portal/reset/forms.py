"""The form by which a customer sets a new password, and its words."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField

from portal.reset.passwords import Fault
from portal.reset.stores.protocol import Policy
from portal.web.forms import VisitForm

WORDS = {
    Fault.EMPTY: _l("Enter a new password."),
    Fault.SHORT: _l("This is too short. Use %(least)s characters or more; a few words will do."),
    Fault.LONG: _l("This is too long. Use %(most)s characters at most."),
    Fault.KNOWN: _l("Attackers try this password early. Three or four words that do not belong together are better."),
    Fault.SAME: _l("This is your old password, or the one you have set just now. Choose another one."),
}


class PasswordForm(VisitForm):
    """A new password for one of the visitor's own accounts, as it stood when the page was shown."""

    account = HiddenField()
    password = PasswordField(_l("New password"))

    def refuse(self, fault: Fault, policy: Policy) -> None:
        """Say what is wrong."""
        self.password.errors = [str(WORDS[fault]) % {"least": policy.minimum, "most": policy.maximum}]
