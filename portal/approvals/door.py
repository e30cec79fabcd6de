"""The door of approvals: the kinds of this application, whether a second person is needed, and the hall's words."""

from collections.abc import Callable, Iterable, Mapping
from typing import cast

from flask import Flask, current_app
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from portal.approvals import proposals, refusals
from portal.approvals.kinds import Actor, Kind, Payload
from portal.approvals.proposals import Proposal
from portal.approvals.refusals import NotTaken
from portal.extensions import ground
from portal.keyboard import operator

OPERATOR = "operator"

# Each reason of `deciding` in words.
WORDS: Mapping[str, str] = {
    "contents-checked": _l("I checked what it holds"),
    "checked-with-proposer": _l("I checked it with the person who proposed it"),
    "not-right": _l("Something in it is wrong"),
    "not-now": _l("It is right, but not now"),
    "not-explained": _l("I do not understand why it is needed"),
    "mistake": _l("It was a mistake"),
    "not-needed": _l("It is no longer needed"),
    "replaced": _l("Something else takes its place"),
}

REFUSALS: Mapping[type[NotTaken], str] = {
    refusals.WrongRole: _l("Your role may not do this."),
    refusals.SamePerson: _l("You proposed this yourself, or agreed already. Somebody else must decide."),
    refusals.NotAsked: _l("This is not yours to decide: it is about you, or somebody else was asked first."),
    refusals.NotYours: _l("Only the person who proposed it can withdraw it."),
    refusals.NotFresh: _l("Show your passkey once more, then decide."),
    refusals.ReasonUnknown: _l("Choose a reason."),
    refusals.NoteUnfit: _l("The note must be one line of at most 200 characters."),
    refusals.Changed: _l("This is not what you looked at. Look again before you decide."),
    refusals.Gone: _l("Nothing waits for a decision here: it is decided, withdrawn or expired."),
    refusals.AlreadyProposed: _l("The very same is proposed already."),
}


def init_app(app: Flask, kinds: Iterable[Kind], needs_second_person: Callable[[Session], bool]) -> None:
    """Let these kinds be proposed, and somebody say when one person alone may not act."""
    app.extensions["kinds"] = {kind.name: kind for kind in kinds}
    app.extensions["needs_second_person"] = needs_second_person


def nobody_else(_session: Session) -> bool:
    """Until the portal has members, its operator acts alone: nobody could agree."""
    return False


def kinds() -> Mapping[str, Kind]:
    """Every kind of the application at hand, by name."""
    return cast(Mapping[str, Kind], current_app.extensions["kinds"])


def needs_second_person(session: Session) -> bool:
    """Whether somebody else must agree to what is dangerous."""
    asked: Callable[[Session], bool] = current_app.extensions["needs_second_person"]
    return asked(session)


def at_keyboard() -> Actor:
    """Whoever says a command."""
    return Actor(operator(), frozenset({OPERATOR}))


def propose_here(session: Session, kind: Kind, payload: Payload, reason: str, note: str) -> Proposal:
    """Propose in the name of whoever says a command; raises NotTaken."""
    return proposals.propose(
        session, kind, payload, actor=at_keyboard(), reason=reason, note=note, now=ground().clock()
    )


def what_now(proposal: Proposal) -> str:
    """What a command says of a proposal that it made."""
    return (
        f"This is proposal {proposal.id}; it waits for somebody else to approve it until "
        f"{proposal.expires_at:%Y-%m-%d %H:%M} UTC.\nIts digest: {proposal.digest}\n"
        "The one who approves it must see the same. The worker then carries it out. "
        f"`flask approvals show {proposal.id}` tells how it stands."
    )
