"""The two bases of every form: public ones rest on Fetch Metadata, all others carry a token bound to the visit."""

from typing import Any

from flask import abort, g, request
from flask_wtf import FlaskForm
from itsdangerous import BadData, TimestampSigner
from wtforms import Field, SelectMultipleField, ValidationError
from wtforms.csrf.core import CSRF

from portal.extensions import ground

TOKEN_SECONDS = 60 * 60  # no visit lives longer (SES-04)


class VisitToken(CSRF):
    """A token signed for one visit and good for no other."""

    def generate_csrf_token(self, csrf_token_field: Field) -> str:
        """A signature over the visit's handle, which the page itself never shows."""
        return _signer().sign(g.visit_handle).decode().removeprefix(g.visit_handle)

    def validate_csrf_token(self, form: Any, field: Field) -> None:
        """Refuses a token that is forged, old, or another visit's."""
        try:
            _signer().unsign(g.visit_handle + (field.data or ""), max_age=TOKEN_SECONDS)
        except BadData:
            raise ValidationError("token") from None


class _Form(FlaskForm):  # type: ignore[misc]
    """A form in which each field comes at most once, and is a text."""

    class Meta:
        """What is common to both kinds."""

        def wrap_formdata(self, form: "_Form", formdata: object) -> Any:
            """A sent form's fields, or none where None is asked for; flask-wtf would take files and any JSON too."""
            return request.form if formdata is not None and request.method == "POST" else None

    def given_once(self) -> "_Form":
        """The form itself; a repeated field is nobody's honest mistake and is answered with 400."""
        single = (name for name, field in self._fields.items() if not isinstance(field, SelectMultipleField))
        if any(len(request.form.getlist(name)) > 1 for name in single):
            abort(400)
        return self


class PublicForm(_Form):
    """A form on a page that everybody shares; the page must work from any cache."""

    class Meta:
        """No token: Fetch Metadata guards it."""

        csrf = False


class VisitForm(_Form):
    """A form within a visit."""

    class Meta:
        """A token of our own, since there is no Flask session."""

        csrf = True
        csrf_class = VisitToken
        csrf_field_name = "csrf_token"


def _signer() -> TimestampSigner:
    keys = ground().keys
    secrets = [keys.mac("visit form", key_id=key_id) for key_id in keys.masters if key_id != keys.current]
    return TimestampSigner([*secrets, keys.mac("visit form")], salt="visit form")
