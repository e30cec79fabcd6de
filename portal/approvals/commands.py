"""`flask approvals`: see what waits for a second person, and withdraw what one proposed."""

import click
from flask.cli import AppGroup

from portal.approvals import deciding, proposals
from portal.approvals.door import REFUSALS, WORDS, at_keyboard, kinds
from portal.approvals.proposals import Proposal
from portal.approvals.refusals import NotTaken
from portal.extensions import ground

approvals = AppGroup("approvals", help="What waits for a second person.")


@approvals.command("list")
def list_open() -> None:
    """Name each proposal that waits, what it is, by whom and until when."""
    with ground().database.read() as session:
        waiting = proposals.open_ones(session, now=ground().clock())
    for proposal in waiting:
        click.echo(f"{proposal.id}  {_title(proposal)}  ({proposal.proposer}, until {_time(proposal)})")
    click.echo(f"{len(waiting)} wait for a second person." if waiting else "Nothing waits for a second person.")


@approvals.command("show")
@click.argument("number", type=int)
def show(number: int) -> None:
    """Tell everything of one proposal, and how it stands."""
    with ground().database.read() as session:
        proposal = proposals.get(session, number)
    if proposal is None:
        raise click.ClickException(f"There is no proposal {number}.")
    told = kinds()[proposal.kind].describe(proposal.payload)
    state = "EXPIRED" if proposal.state == proposals.OPEN and not proposal.is_open(ground().clock()) else proposal.state
    rows = (("proposed by", proposal.proposer), ("reason", proposal.reason), ("note", proposal.note or "–"))
    ends = (("waits until", _time(proposal)), ("digest", proposal.digest), ("decided by", proposal.decided_by or "–"))
    for label, value in (("proposal", told.title), *told.facts, *rows, *ends):
        click.echo(f"{label:<28}  {value}")
    click.echo(f"It is {state.lower()}.")


@approvals.command("withdraw")
@click.argument("number", type=int)
@click.option("--reason", type=click.Choice(deciding.WITHDRAWING), required=True, help="Why.")
@click.option("--note", default="", help="A line about it, without names of customers.")
def withdraw(number: int, reason: str, note: str) -> None:
    """Take back what you proposed, while nobody has agreed."""
    try:
        with ground().database.write() as session:
            now = ground().clock()
            deciding.withdraw(session, number, actor=at_keyboard(), reason=reason, note=note, now=now)
    except NotTaken as refusal:
        raise click.ClickException(str(REFUSALS[type(refusal)])) from None
    click.echo(f"Proposal {number} is withdrawn ({WORDS[reason]}).")


def _title(proposal: Proposal) -> str:
    return kinds()[proposal.kind].describe(proposal.payload).title


def _time(proposal: Proposal) -> str:
    return f"{proposal.expires_at:%Y-%m-%d %H:%M} UTC"
