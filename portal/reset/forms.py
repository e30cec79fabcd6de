"""The form by which a customer sets a new password, and its words."""

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField

from portal.reset.guessing import Weakness
from portal.reset.passwords import Fault
from portal.reset.stores.protocol import Policy
from portal.web.forms import VisitForm

WORDS = {
    Fault.EMPTY: _l("Enter a new password."),
    Fault.SHORT: _l("This is too short. Use %(least)s characters or more; a few words will do."),
    Fault.LONG: _l("This is too long. Use %(most)s characters at most."),
    Fault.SAME: _l("This is your old password, or the one you have set just now. Choose another one."),
    Weakness.COMMON: _l(
        "Attackers try this password first. Three or four words that do not belong together are better."
    ),
    Weakness.OURS: _l(
        "This is made of our name or your address, so it is easy to guess. Use words that have no tie to us."
    ),
    Weakness.REPEATED: _l("This repeats itself, so it is easy to guess. Use three or four different words."),
    Weakness.ROW: _l("This is a row of keys or numbers, so it is easy to guess. Use three or four words."),
    Weakness.DATE: _l("Dates and years are easy to guess. Use three or four words that do not belong together."),
    Weakness.GUESSED: _l("This is easy to guess. Add a word or two that do not belong to the others."),
}


class PasswordForm(VisitForm):
    """A new password for one of the visitor's own accounts, as it stood when the page was shown."""

    account = HiddenField()
    password = PasswordField(_l("New password"))

    def take_password(self) -> str:
        """The password, once: a form lives until the collector comes, and must not keep it that long (PWD-09)."""
        taken, self.password.data, self.password.raw_data = self.password.data or "", None, None
        return taken

    def refuse(self, fault: Fault | Weakness, policy: Policy) -> None:
        """Say what is wrong, and what would be better."""
        self.password.errors = [str(WORDS[fault]) % {"least": policy.minimum, "most": policy.maximum}]
