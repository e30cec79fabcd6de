"""Roles: every route names its own, each role is let in exactly there, and a route without roles stops the start."""

import re
from uuid import uuid4

import pytest
from flask import Flask

from portal.console import access
from portal.extensions import limiter
from portal.members.roles import Role
from portal.web.origins import CONSOLE
from tests.console.bench import Colleague, Office
from tests.requirements import requirement
from tests.visitor import token_on

DOORSTEP = {
    "GET /staff/enter",
    "POST /staff/enter",
    "POST /staff/challenge",
    "GET /staff/join",
    "POST /staff/join",
    "POST /staff/join/passkey",
    "POST /staff/join/codes",
    "POST /staff/join/codes/check",
    "GET /staff/enter/codes",
    "POST /staff/enter/codes",
}


def address(rule: str) -> str:
    """An address that this rule answers, of something that does not exist."""
    return re.sub(r"<uuid:\w+>", str(uuid4()), re.sub(r"<int:\w+>", "999", rule))


def knock(colleague: Colleague, what: str, token: str) -> int:
    """Ask for a page or act with all that it could want, but for somebody who does not exist."""
    method, _, rule = what.partition(" ")
    path = address(rule)
    if method == "GET":
        return colleague.get(path).status
    return colleague.post(path, {"csrf_token": token}).status


@requirement("STF-04")
@pytest.mark.parametrize("role", Role)
def test_a_role_opens_its_own_pages_and_no_others(office: Office, portal: Flask, role: Role) -> None:
    matrix = access.matrix(portal)
    opened = set()
    colleague = office.seat("chen", role)
    for what in sorted(set(matrix) - DOORSTEP - {"POST /staff/leave"}):
        limiter.reset()  # one member here asks for more in a minute than anybody may
        if (page := colleague.get("/staff")).status != 200:
            colleague.sign_in()
            page = colleague.get("/staff")
        opened |= {what} if knock(colleague, what, token_on(page)) != 403 else set()
    assert opened == {what for what, roles in matrix.items() if role in roles} - {"POST /staff/leave"}


@requirement("STF-04")
def test_only_the_doorstep_is_open_to_strangers(office: Office, portal: Flask) -> None:
    matrix, stranger = access.matrix(portal), office.browser()
    assert {what for what, roles in matrix.items() if not roles} == DOORSTEP
    for what in set(matrix) - DOORSTEP:
        method, _, rule = what.partition(" ")
        path = address(rule)
        told = stranger.get(path) if method == "GET" else stranger.post(path, {})
        assert (told.status, told.location) == (303, "/staff/enter"), what


@requirement("STF-04")
def test_an_auditor_changes_nothing(portal: Flask) -> None:
    acts = {what for what, roles in access.matrix(portal).items() if Role.AUDITOR in roles and what.startswith("POST")}
    assert acts == {
        "POST /staff/leave",
        "POST /staff/lookups/exports/<int:number>",  # a download
        "POST /staff/passkeys",
        "POST /staff/passkeys/check",
        "POST /staff/passkeys/<uuid:number>/removal",
    }


@requirement("STF-04")
@pytest.mark.parametrize("methods", [["GET"], ["POST"]])
def test_a_route_without_roles_stops_the_start(methods: list[str]) -> None:
    app = Flask("bare")
    app.add_url_rule("/staff/new", CONSOLE + "new", lambda: "", methods=methods)
    with pytest.raises(TypeError, match=r"console\.new"):
        access.check(app)


@requirement("STF-04")
def test_an_act_in_no_class_of_posts_stops_the_start() -> None:
    app = Flask("bare")
    app.add_url_rule("/staff/new", CONSOLE + "new", access.staff(Role.ADMIN)(lambda _me: ""), methods=["POST"])
    with pytest.raises(TypeError, match=r"console\.new"):
        access.check(app)
