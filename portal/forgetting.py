"""Forgetting: every rule of retention, gathered from the rooms, and `flask retention`."""

from datetime import datetime, timedelta

import click
from flask.cli import AppGroup

from portal.audit import trail
from portal.audit.events import Event
from portal.cases import forgetting as of_cases
from portal.extensions import Ground, ground
from portal.identity import forgetting as of_customers
from portal.keyboard import operator
from portal.mail import suppressions
from portal.members import forgetting as of_members
from portal.retention import Rule

retention = AppGroup("retention", help="What is kept no longer than it may be.")


def rules(held: Ground) -> list[Rule]:
    """What is forgotten; the worker does it once a minute."""
    kept = timedelta(days=held.settings.cases_kept)
    return [of_customers.rule(), suppressions.rule(), *of_cases.rules(kept), *of_members.rules()]


@retention.command("apply")
def apply() -> None:
    """Forget at once what is over its time, count it, and prove that nothing is left of it."""
    held, now, total = ground(), ground().clock(), 0
    for rule in rules(held):
        count = _forgotten(held, rule, now)
        total += count
        click.echo(f"{count:>11,}  {rule.what}")
    with held.database.read() as session:
        left = sum(rule.left(session, now) for rule in rules(held))
    with held.database.write() as session:
        said = {"forgotten": total, "left": left}
        trail.record(session, Event.RETENTION_APPLIED, now=now, actor=operator(), subject="retention", **said)
    if left:
        raise click.ClickException(f"{left:,} are over their time and still there; say it again in an hour.")
    click.echo(f"{total:,} were forgotten; nothing is left that is over its time.")


def _forgotten(held: Ground, rule: Rule, now: datetime) -> int:
    """Step by step, each committed, so that nobody waits long and whoever interrupts it loses nothing."""
    total = 0
    while True:
        with held.database.write() as session:
            count = rule.step(session, now)
        if not count:
            return total
        total += count
        held.database.rest()
