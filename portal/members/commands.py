"""`flask members`: invite the first of the staff, and shut somebody out when no page can be reached."""

from collections.abc import Iterable, Sequence
from uuid import UUID

import click
from flask import current_app
from flask.cli import AppGroup

from portal.extensions import ground
from portal.keyboard import operator
from portal.members import acts, correspondence, member
from portal.members.member import Member, MemberRefused, Newcomer
from portal.members.roles import Role, RolesRefused
from portal.web.origins import Site, site

members = AppGroup("members", help="The people of the staff.")

ROLES = click.Choice([role.value for role in Role])
NO_CONSOLE = "PORTAL_CONSOLE_ORIGIN is missing: an invitation leads to the console, and there is none."


@members.command("invite")
@click.argument("name")
@click.argument("email")
@click.option(
    "--role", "roles", multiple=True, required=True, type=click.Choice(list(map(str, Role))), help="May repeat."
)
@click.option("--brand", "brands", multiple=True, help="A brand they work for; all if none is named.")
@click.option("--codes", is_flag=True, help="Their device makes no passkeys yet: let codes of an app do for a day.")
@click.option("--locale", help="The language of the letter; the incident's first if not given.")
def invite(
    name: str, email: str, roles: tuple[str, ...], brands: tuple[str, ...], codes: bool, locale: str | None
) -> None:
    """Add a member, and invite them by a letter with a link that works once."""
    origin, now = _origin(), ground().clock()
    newcomer = Newcomer(name, email, frozenset(map(Role, roles)), frozenset(brands), locale or _site().locales[0])
    _known("brand", brands, [brand.id for brand in _site().brands])
    _known("language", [newcomer.locale], _site().locales)
    try:
        with ground().database.write() as session:
            person = member.add(session, ground().keys, newcomer, now=now)
            correspondence.invite(
                session, ground().keys, person, by=operator(), origin=origin, allows_codes=codes, now=now
            )
    except (MemberRefused, RolesRefused) as refusal:
        raise click.ClickException(f"{refusal} Nothing was changed.") from None
    click.echo(f"{person.name} is a member ({person.roles}); the worker sends the letter. Their number: {person.id}")


@members.command("list")
def show() -> None:
    """List who is a member, with roles and number."""
    with ground().database.read() as session:
        people = member.everybody(session)
    for person in people:
        click.echo(f"{person.id}  {person.name}  {person.roles}{'  disabled' if person.disabled_at else ''}")
    click.echo(f"{len(people)} member{'' if len(people) == 1 else 's'}.")


@members.command("disable")
@click.argument("number", type=click.UUID)
def disable(number: UUID) -> None:
    """Shut a member out at once."""
    with ground().database.write() as session:
        person = _named(session.get(Member, number))
        done = acts.disable(session, person, by=operator(), now=ground().clock())
    click.echo(f"{person.name} is out." if done else f"{person.name} was out already; nothing was changed.")


@members.command("enable")
@click.argument("number", type=click.UUID)
def enable(number: UUID) -> None:
    """Let a member sign in again."""
    with ground().database.write() as session:
        person = _named(session.get(Member, number))
        done = acts.enable(session, person, by=operator(), now=ground().clock())
    click.echo(f"{person.name} may sign in." if done else f"{person.name} was not out; nothing was changed.")


def _origin() -> str:
    origin = ground().settings.console_origin
    if origin is None:
        raise click.ClickException(NO_CONSOLE)
    return origin


def _site() -> Site:
    if "incident" not in current_app.extensions:
        raise click.ClickException("The incident file is not complete; `flask incident check` says why.")
    return site()


def _known(what: str, given: Iterable[str], known: Sequence[str]) -> None:
    if unknown := sorted(set(given) - set(known)):
        raise click.ClickException(f"There is no {what} “{unknown[0]}”; there is {', '.join(known)}.")


def _named(person: Member | None) -> Member:
    if person is None:
        raise click.ClickException("There is no member with this number; `flask members list` shows them.")
    return person
