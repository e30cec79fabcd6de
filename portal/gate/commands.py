"""`flask gate`: keys for the company's log-in, the cohort file, and the description of it all."""

import json
from datetime import timedelta
from pathlib import Path

import click
from flask.cli import AppGroup

from portal.extensions import ground
from portal.gate import cohort_file, keys
from portal.gate.cohorts import Cohorts, find
from portal.gate.description import describe
from portal.gate.keys import NameTaken, NoSuchKey, Scope, Wanted
from portal.gate.ledgers import SANDBOX
from portal.gate.routes import door
from portal.incident.door import current_incident
from portal.keyboard import operator

gate = AppGroup("gate", help="What the company's own log-in asks.")
gate_keys = AppGroup("keys", help="The keys of the gate.")
cohort = AppGroup("cohort", help="The file for when the portal is away.")
gate.add_command(gate_keys)
gate.add_command(cohort)

ONCE = "Nobody can show it again; put it where the log-in keeps its secrets."


@gate_keys.command("new")
@click.argument("name")
@click.option("--brand", required=True, help="The brand whose accounts it may ask for.")
@click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice(list(map(str, Scope))))
@click.option("--sandbox", is_flag=True, help="It sees the made-up cast only: amara, bo, emre and fatou.")
def new(name: str, brand: str, scopes: tuple[str, ...], sandbox: bool) -> None:
    """Make a key, and show it once."""
    wanted = Wanted(_fit(name), _brand(brand), [Scope(scope) for scope in scopes], sandbox)
    try:
        with ground().database.write() as session:
            key = keys.make(session, ground().keys, wanted, by=operator(), now=ground().clock())
    except NameTaken:
        raise click.ClickException(f"There is a key “{name}” already; rotate it, or choose another name.") from None
    click.echo(key)
    click.echo(f"This is the key “{name}”. {ONCE}", err=True)


@gate_keys.command("list")
def show() -> None:
    """List every key: name, brand, what it is good for, and until when."""
    now = ground().clock()
    with ground().database.read() as session:
        held = keys.everything(session)
    for key in held:
        ends = f"until {key.ends_at:%Y-%m-%d %H:%M} UTC" if key.ends_at else "no end"
        sandbox = "  sandbox" if key.sandbox else ""
        click.echo(f"{key.name}  {key.brand}  {key.scopes}  made {key.made_at:%Y-%m-%d}  {ends}{sandbox}")
    good = sum(key.ends_at is None or key.ends_at > now for key in held)
    click.echo(f"{good} of {len(held)} keys are good.")


@gate_keys.command("rotate")
@click.argument("name")
@click.option(
    "--hours", type=click.IntRange(0, 24 * 30), default=24, show_default=True, help="How long the old is good."
)
def rotate(name: str, hours: int) -> None:
    """Make another key for the same, and show it once; the old one is good for a while yet."""
    now = ground().clock()
    ends_at = now + timedelta(hours=hours)
    try:
        with ground().database.write() as session:
            key = keys.rotate(session, ground().keys, name, by=operator(), ends_at=ends_at, now=now)
    except NoSuchKey:
        raise _unknown(name) from None
    click.echo(key)
    click.echo(f"This is the new key “{name}”. {ONCE} The old one ends {ends_at:%Y-%m-%d %H:%M} UTC.", err=True)


@gate_keys.command("end")
@click.argument("name")
def end(name: str) -> None:
    """End every key of this name at once."""
    try:
        with ground().database.write() as session:
            ended = keys.end(session, name, by=operator(), now=ground().clock())
    except NoSuchKey:
        raise _unknown(name) from None
    click.echo(f"{ended} key{'' if ended == 1 else 's'} “{name}” ended; nothing opens with it any more.")


@cohort.command("key")
@click.argument("brand")
def cohort_key(brand: str) -> None:
    """Show what a brand's log-in needs to read its file; `sandbox` is the sandbox's."""
    click.echo(cohort_file.key_of(ground().keys, SANDBOX if brand == SANDBOX else _brand(brand)))
    click.echo(f"This reads the cohort file of “{brand}”. Keep it as you keep the log-in's key.", err=True)


@cohort.command("write")
@click.argument("brand")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def write(brand: str, file: Path) -> None:
    """Make a brand's file now, and write it to FILE, to be carried to where the log-in is."""
    held = ground()
    Cohorts(held.database, held.keys, current_incident(), held.clock).make(_brand(brand))
    with held.database.read() as session:
        made = find(session, brand, ())
    file.write_bytes(made.content if made and made.content else b"")
    click.echo(f"The cohort file of “{brand}” was made and written to {file}.")


@gate.command("openapi")
def openapi() -> None:
    """Print the gate's description (OpenAPI 3.1)."""
    click.echo(json.dumps(describe(door), indent=2))


def _brand(name: str) -> str:
    known = [brand.id for brand in current_incident().brands]
    if name not in known:
        raise click.ClickException(f"There is no brand “{name}”; there is {', '.join(known)}.")
    return name


def _fit(name: str) -> str:
    if not name.isprintable() or not 1 <= len(name) <= 40 or name.split() != [name]:
        raise click.ClickException("A key's name is one word of at most 40 signs.")
    return name


def _unknown(name: str) -> click.ClickException:
    return click.ClickException(f"There is no good key “{name}”; `flask gate keys list` shows them.")
