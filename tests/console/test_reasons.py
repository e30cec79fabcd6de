"""Reasons: whoever acts must say why; no form of the console has an answer ready (STF-11)."""

from collections.abc import Iterator

import pytest
from wtforms.fields.core import UnboundField

from portal.console.forms import OneOf, StaffForm
from portal.members.roles import Role
from tests.cast import EMRE
from tests.console.bench import Colleague, Office
from tests.console.records import sheet_of
from tests.requirements import requirement


def forms(of: type[StaffForm] = StaffForm) -> Iterator[type[StaffForm]]:
    """Every form of a member's session."""
    for one in of.__subclasses__():
        yield one
        yield from forms(one)


@requirement("STF-11")
def test_no_form_of_the_staff_has_a_reason_ready() -> None:
    asked = [
        (form.__name__, field.field_class)
        for form in forms()
        for name, field in vars(form).items()
        if isinstance(field, UnboundField) and name in ("reason", "why") and form.__name__ != "BulkForm"
    ]
    assert len(asked) > 12
    assert [name for name, kind in asked if kind is not OneOf] == []


@requirement("STF-11")
@pytest.mark.usefixtures("cast")
def test_who_helps_and_why_must_be_chosen(office: Office) -> None:
    chen: Colleague = office.seat("chen", Role.AGENT)
    sheet = sheet_of(chen, EMRE)
    page = chen.get(f"{sheet}/helpers").text
    assert page.count('<option value=""') == 3
    assert "selected" not in page
    wish = {"email": "carer@home.example", "until": "2018-08-01", "may": ["code"]}
    for chosen in ({}, {"relation": "carer"}, {"reason": "will"}):
        empty = {"relation": "", "reason": ""} | chosen
        told = chen.do(f"{sheet}/helpers", fresh=True, **wish, **empty)  # type: ignore[arg-type]
        assert told.status == 400
        assert ("Choose who it is." in told.text) == (not empty["relation"])
        assert ("Choose a reason." in told.text) == (not empty["reason"])
    assert chen.do(f"{sheet}/passing", fresh=True, reason="").status == 400
