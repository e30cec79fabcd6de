"""The forms of the console; each within a session carries its token, and may carry a passkey."""

from collections.abc import Iterable
from typing import Any, ClassVar

from flask import request
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, DateField, SelectField, SelectMultipleField, StringField, ValidationError
from wtforms.validators import InputRequired, Length, Optional

from portal.cases.claiming import EvidenceRefused, NobodyApproves
from portal.identity import addresses
from portal.members.member import LONGEST_NAME
from portal.members.passkeys import LONGEST_NAME as LONGEST_KEY_NAME
from portal.members.roles import Role, RolesRefused, together
from portal.web.forms import PublicForm, VisitForm

LONGEST_CREDENTIAL = 16_000
LONGEST = 2000
CHOOSE = _l("Choose a reason.")


def values(words: Iterable[str]) -> Any:
    """The choices of a field; the library's stubs still know only pairs, which the library itself no longer likes."""
    return [str(word) for word in words]


class OneOf(SelectField):
    """One of a fixed list. Nothing is chosen beforehand, so that a reason is somebody's word (STF-11)."""

    def __init__(self, label: str = _l("Why"), offered: Iterable[str] = (), *, asks: str = CHOOSE, **rest: Any) -> None:
        super().__init__(label, validators=[InputRequired(asks)], **rest)
        self.offer(offered)

    def offer(self, offered: Iterable[str]) -> None:
        """Say what can be chosen."""
        self.choices = values(["", *offered])


class StaffForm(VisitForm):
    """A form within a member's session; what a passkey said, where one was asked for."""

    credential = StringField(validators=[Length(max=LONGEST_CREDENTIAL)])


class EnterForm(PublicForm):
    """A passkey that is shown at the door."""

    credential = StringField(validators=[Length(max=LONGEST_CREDENTIAL)])


class JoinForm(PublicForm):
    """An invitation's link, and the passkey that was made by it."""

    public_id = StringField(validators=[Length(max=LONGEST)])
    token = StringField(validators=[Length(max=LONGEST)])
    credential = StringField(validators=[Length(max=LONGEST_CREDENTIAL)])
    name = StringField(_l("A name for this device"), validators=[Length(max=LONGEST_KEY_NAME)])


class CodeForm(PublicForm):
    """A code of an app: with the invitation's link the first time, with the address after that."""

    public_id = StringField(validators=[Length(max=LONGEST)])
    token = StringField(validators=[Length(max=LONGEST)])
    email = StringField(_l("Your email address at work"), validators=[Length(max=LONGEST)])
    code = StringField(_l("Code of the app"), validators=[Length(max=20)])


class KeyForm(StaffForm):
    """One more passkey."""

    name = StringField(_l("A name for this device"), validators=[Length(max=LONGEST_KEY_NAME)])


def _may_stand_together(_form: Any, field: SelectMultipleField) -> None:
    try:
        together(map(Role, field.data or ()))
    except RolesRefused:
        both = _l("Choose at least one role, but not both agent and approver.")
        raise ValidationError(str(both)) from None


class RolesForm(StaffForm):
    """What a member may do."""

    roles = SelectMultipleField(
        _l("Roles"),
        choices=values(Role),
        validators=[_may_stand_together],
    )

    def chosen(self) -> frozenset[Role]:
        """The roles that were ticked."""
        return frozenset(map(Role, self.roles.data or ()))


class InviteForm(RolesForm):
    """Who is to be invited."""

    name = StringField(_l("Name"), validators=[Length(min=1, max=LONGEST_NAME, message=_l("Enter a name."))])
    email = StringField(_l("Email address at work"), validators=[Length(max=LONGEST)])
    codes = BooleanField(_l("Their device makes no passkeys yet: let codes of an app do, for a day"))
    brands = SelectMultipleField(_l("Brands"))
    locale = SelectField(_l("Language of the letter"))


class DecisionForm(StaffForm):
    """A word about a proposal: why, and for an approval the digest of what was looked at."""

    reason = OneOf()
    note = StringField(_l("Note, without names of customers"), validators=[Length(max=200)])
    seen = StringField(validators=[Length(max=64)])


class RecoveryForm(StaffForm):
    """Why a member must begin anew, or a change of address cannot wait."""

    reason = OneOf(id="other-reason")


class TrailForm(PublicForm):
    """What to look for in the trail; sent by GET, so that a look can be repeated."""

    class Meta(PublicForm.Meta):
        """As any public form, but read from the address."""

        def wrap_formdata(self, form: Any, formdata: object) -> Any:
            """The address's own fields."""
            return request.args

    kind = SelectField(_l("What happened"), validators=[Optional()])
    actor = StringField(_l("Who did it"), validators=[Length(max=80)])
    subject = StringField(_l("To whom or what"), validators=[Length(max=80)])
    day = DateField(_l("On the day"), validators=[Optional()])


def readable(_form: Any, field: StringField) -> None:
    """Raises ValidationError where the field holds no address."""
    try:
        addresses.read(field.data or "")
    except addresses.AddressRefused:
        raise ValidationError(str(_l("Enter the address like name@example.com, with nothing around it."))) from None


class BeginForm(StaffForm):
    """A case, the account at its old address, and the address that it is to have."""

    number = StringField(_l("Number of the case"), validators=[Length(max=200)])
    old = StringField(_l("Email address of the account"), validators=[readable])
    brand = SelectField(_l("Brand"))
    new = StringField(_l("New email address"), validators=[readable])


class EvidenceForm(StaffForm):
    """What was seen, and why the address must change."""

    evidence = SelectMultipleField(_l("What did you see?"))
    reason = OneOf()

    REFUSALS: ClassVar[dict[type[Exception], str]] = {
        EvidenceRefused: _l("Tick two at least. The code of our letter on paper counts once it came back."),
        NobodyApproves: _l("There is nobody who could agree. Ask an admin for an approver."),
    }
