"""`flask members`: the first of the staff is invited here; each command answers in a sentence, and names no address."""

from collections.abc import Callable

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from portal.audit.trail import AuditEvent
from portal.database import Database
from portal.mail.postboxes.memory import MemoryPostbox
from portal.members import member
from portal.members.member import Member
from portal.members.roles import Role
from portal.sealing import KeyRing
from tests.letters import in_memory
from tests.members.bench import ORIGIN
from tests.servers.app import MakePortal

ADDRESS = "dilys@stagelight.example"
Say = Callable[..., Result]


@pytest.fixture
def portal(make_portal: MakePortal) -> Flask:
    """The application, with a console."""
    return make_portal(console_origin=ORIGIN)


@pytest.fixture
def say(portal: Flask) -> Say:
    """Says a command."""
    return lambda *words: portal.test_cli_runner().invoke(args=["members", *map(str, words)])


def everybody(database: Database) -> list[Member]:
    with database.read() as session:
        return member.everybody(session)


def test_the_first_admin_is_invited_here(
    say: Say, database: Database, keys: KeyRing, work: Callable[[], None], postbox: MemoryPostbox
) -> None:
    told = say("invite", "Dilys", ADDRESS, "--role", "admin", "--role", "auditor", "--brand", "seatswap")
    assert told.exit_code == 0, told.output
    assert "Dilys is a member (admin,auditor)" in told.output
    assert ADDRESS not in told.output
    dilys = everybody(database)[0]
    assert (dilys.holds, dilys.works_for) == ({Role.ADMIN, Role.AUDITOR}, ("seatswap",))
    work()
    letter = in_memory(postbox)(ADDRESS)[0]
    assert f"{ORIGIN}/staff/join?lang=en#" in letter.plain
    assert letter.message["To"] == ADDRESS
    with database.read() as session:
        events = [(event.kind, event.actor.split(":")[0]) for event in session.scalars(select(AuditEvent))]
        details = str([event.details for event in session.scalars(select(AuditEvent))])
    assert events == [("member:invited", "operator"), ("invitation:sent", "worker")]
    assert ADDRESS not in details


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--role", "agent", "--role", "approver"), "agent and approver"),
        (("--role", "king"), "king"),
        (("--role", "agent", "--brand", "nobody"), "There is no brand “nobody”"),
        (("--role", "agent", "--locale", "tlh"), "There is no language “tlh”"),
        ((), "--role"),
    ],
)
def test_a_slip_is_named_and_nobody_is_invited(say: Say, database: Database, words: tuple[str, ...], told: str) -> None:
    result = say("invite", "Dilys", ADDRESS, *words)
    assert result.exit_code != 0
    assert told in result.output
    assert everybody(database) == []


def test_without_a_console_nobody_is_invited(make_portal: MakePortal, database: Database) -> None:
    told = make_portal().test_cli_runner().invoke(args=["members", "invite", "Dilys", ADDRESS, "--role", "admin"])
    assert told.exit_code != 0
    assert "PORTAL_CONSOLE_ORIGIN" in told.output
    assert everybody(database) == []


def test_somebody_is_shut_out_and_let_in_again(say: Say, database: Database) -> None:
    say("invite", "Dilys", ADDRESS, "--role", "admin")
    number = everybody(database)[0].id
    assert say("disable", number).output == "Dilys is out.\n"
    assert say("disable", number).output == "Dilys was out already; nothing was changed.\n"
    assert "disabled" in say("list").output
    assert say("enable", number).output == "Dilys may sign in.\n"
    assert say("enable", number).output == "Dilys was not out; nothing was changed.\n"
    assert say("list").output.endswith("1 member.\n")
    assert everybody(database)[0].disabled_at is None


def test_an_unknown_number_is_told(say: Say) -> None:
    told = say("disable", "00000000-0000-0000-0000-000000000000")
    assert told.exit_code != 0
    assert "flask members list" in told.output


def test_once_there_is_a_member_the_operator_does_not_act_alone(portal: Flask, say: Say, database: Database) -> None:
    asks = portal.extensions["needs_second_person"]
    with database.read() as session:
        assert not asks(session)
    say("invite", "Dilys", ADDRESS, "--role", "admin")
    with database.read() as session:
        assert asks(session)
