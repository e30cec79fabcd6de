"""The desk: the staff's queue of cases by deadline, with filters that can be kept as bookmarks."""

from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from portal.cases import queue, views
from portal.cases.case import Case, show_number
from portal.cases.queue import Filter
from portal.cases.reasons import Reason
from portal.console.access import staff
from portal.console.desk_forms import DeskForm, ViewForm
from portal.console.desk_words import ONLY, REASONS, STATES, TURNS
from portal.console.forms import values
from portal.console.page import page
from portal.extensions import ground
from portal.members.member import Member
from portal.members.roles import Role
from portal.members.sessions import Present
from portal.web.origins import site

door = Blueprint("desk", __name__, url_prefix="/desk")
READERS = (Role.AGENT, Role.APPROVER)
NO_SUCH_BRAND = ("",)


@door.get("")
@staff(*READERS)
def show(me: Present) -> ResponseReturnValue:
    """What waits, by deadline; or what is looked for."""
    return sight(me)


def sight(
    me: Present, tried: ViewForm | None = None, status: int = 200, asked: dict[str, str] | None = None
) -> tuple[str, int]:
    """The desk; `tried` is a view that could not be kept, `asked` the filters of one that was."""
    form, now = with_choices(DeskForm(MultiDict(asked) if asked is not None else None), me.member), ground().clock()
    good = form.validate()
    with ground().database.read() as session:
        said = {"me": me.member.actor, "after": queue.read_place(request.args.get("after", "")), "now": now}
        found, end = queue.page_of(session, wanted(form, me.member), **said) if good else ([], None)  # type: ignore[arg-type]
        names, kept = views.beside(session, me.member.id)
    told: dict[str, Any] = {"names": names, "looks": kept, "more": end}
    told |= {"cases": [(show_number(one.number), REASONS[Reason(one.reason)], one) for one in found]}
    shown = _page(me, form, tried=tried, keeping=tried or ViewForm(formdata=None), **told)
    return shown, status if good else 400


def _page(me: Present, form: DeskForm, **told: Any) -> str:
    every = {"": ONLY[""]}
    words = {"turns": TURNS, "reasons": every | REASONS, "states": STATES, "onlys": ONLY}
    brands = {"brand_names": brand_names(), "brand_words": every | brand_names()}
    return page(me, "console/desk.html", form=form, now=ground().clock(), **told, **words, **brands)


def with_choices(form: Any, person: Member) -> Any:
    """The form with what this member may choose among."""
    form.brand.choices = values(["", *brands_of(person)])
    form.locale.choices = values(["", *site().locales])
    return form


def wanted(form: DeskForm, person: Member) -> Filter:
    """What the filters ask for, within the member's brands."""
    brands = (form.brand.data,) if form.brand.data else limits_of(person)
    return Filter(
        form.turn.data or queue.OURS, form.reason.data or "", form.locale.data or "", form.only.data or "", brands
    )


def limits_of(person: Member) -> tuple[str, ...]:
    """The brands beyond which this member sees nothing; none is all."""
    if not person.works_for:
        return ()
    return brands_of(person) or NO_SUCH_BRAND


def brands_of(person: Member) -> tuple[str, ...]:
    """The brands whose cases this member may see."""
    return tuple(brand for brand in brand_names() if not person.works_for or brand in person.works_for)


def may_see(person: Member, case: Case) -> bool:
    """Whether the case is of one of the member's brands."""
    return not person.works_for or case.brand in person.works_for


def brand_names() -> dict[str, str]:
    """Each brand by its id."""
    return {brand.id: brand.name for brand in site().brands}
