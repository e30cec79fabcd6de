"""The forms by which a customer asks, proves an address, and says that it was not them."""

from flask_babel import lazy_gettext as _l
from wtforms import StringField, ValidationError
from wtforms.validators import Length

from portal.identity import addresses
from portal.identity.proofs import Proof
from portal.web.forms import PublicForm

UNREADABLE = _l("We cannot read this email address. Enter it like name@example.com, with nothing around it.")
LONGEST = 2000  # a link that a mail gateway rewrote is long


class AskForm(PublicForm):
    """An address to write to."""

    email = StringField(_l("Your email address"))

    def validate_email(self, field: StringField) -> None:
        """Only the spelling is judged here; whether there is an account is not our page's business."""
        try:
            addresses.read(field.data or "")
        except addresses.AddressRefused:
            raise ValidationError(str(UNREADABLE)) from None


class ProofForm(PublicForm):
    """The link's parts, the code, or the whole link as pasted from the letter."""

    public_id = StringField(validators=[Length(max=LONGEST)])
    token = StringField(validators=[Length(max=LONGEST)])
    code = StringField(_l("Code from the letter"), validators=[Length(max=LONGEST)])
    link = StringField(_l("Link from the letter"), validators=[Length(max=LONGEST)])

    def proof(self, cookie: str) -> Proof:
        """What was brought, with the cookie of the asking browser."""
        return Proof.read(
            cookie=cookie,
            public_id=self.public_id.data or "",
            token=self.token.data or "",
            code=self.code.data or "",
            link=self.link.data or "",
        )
