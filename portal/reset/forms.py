"""The form by which a customer sets a new password, and its words."""

from collections.abc import Sequence

from babel.lists import format_list
from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, PasswordField

from portal.reset.guessing import Weakness
from portal.reset.passwords import Fault
from portal.reset.stores.protocol import Need, Policy, Refusal
from portal.web.forms import VisitForm

WORDS = {
    Fault.EMPTY: _l("Enter a new password."),
    Fault.SHORT: _l("This is too short. Use %(least)s characters or more; a few words will do."),
    Fault.LONG: _l("This is too long. Use %(most)s characters at most."),
    Fault.SAME: _l("This is your old password, or the one you have set just now. Choose another one."),
    Fault.SIGNS: _l("Something is missing. Add %(needs)s."),
    Refusal.SHORT: _l("This is too short for the system that keeps your password. Add a few words."),
    Refusal.LONG: _l("This is too long for the system that keeps your password. Use fewer words."),
    Refusal.USED: _l("You have used this password before. Choose one that is new."),
    Refusal.SIGNS: _l("The system that keeps your password wants more kinds of signs. Add capitals and digits."),
    Refusal.WEAK: _l("The system that keeps your password finds this too easy to guess. Use other words."),
    Refusal.SOON: _l("Your password was changed a short time ago, and may not be changed again yet. Try it tomorrow."),
    Refusal.OTHER: _l("The system that keeps your password does not take this one. Choose another one."),
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

NEEDS = {
    Need.UPPER: _l("a capital letter"),
    Need.LOWER: _l("a small letter"),
    Need.DIGIT: _l("a digit"),
    Need.SYMBOL: _l("another sign, such as ! or -"),
}


def needs_in_words(needs: Sequence[Need]) -> str:
    """Kinds of signs, as “a digit and a capital letter”; often nothing."""
    return format_list([str(NEEDS[need]) for need in needs], locale=get_locale()) if needs else ""


class PasswordForm(VisitForm):
    """A new password for one of the visitor's own accounts, as it stood when the page was shown."""

    account = HiddenField()
    password = PasswordField(_l("New password"))

    def take_password(self) -> str:
        """The password, once: a form lives until the collector comes, and must not keep it that long (PWD-09)."""
        taken, self.password.data, self.password.raw_data = self.password.data or "", None, None
        return taken

    def refuse(self, fault: Fault | Weakness | Refusal, policy: Policy, lacks: Sequence[Need]) -> None:
        """Say what is wrong, and what would be better."""
        said = {"least": policy.minimum, "most": policy.maximum, "needs": needs_in_words(lacks)}
        self.password.errors = [str(WORDS[fault]) % said]
