"""Drafts: a revision in the making, which nobody sees until one UPDATE commits it."""

from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portal.approvals import proposals
from portal.audit.events import Event
from portal.audit.trail import record
from portal.cohort.exposures import Exposure
from portal.database import Database, changed
from portal.identity.customers import Customer
from portal.incident.file import Incident
from portal.incident.revisions import COMMITTED, DRAFT, ArchivedFile, Revision, current_number

# A draft that is being discarded carries this in place of its list's digest: its loader sees that it lost it.
GIVEN_UP = "given up"
KIND = "revision"  # of the proposals about drafts
SLICE = 500  # rows deleted in one transaction


class DraftStands(Exception):
    """Another draft is being made, or was left by a crash; there is never more than one."""


class DraftLost(Exception):
    """This draft was discarded by somebody else while it was being made."""


@dataclass(frozen=True)
class Draft:
    """A draft that is ours: its number, the list it is made from, who began it, how many accounts were loaded."""

    number: int
    list_digest: str
    started_by: str
    loaded: int


def start(
    session: Session,
    incident: Incident,
    *,
    list_digest: str,
    key_id: int,
    accounts: int,
    now: datetime,
    started_by: str,
) -> Draft:
    """Open the one draft there may be, or go on with that of an interrupted load; raises DraftStands."""
    if standing := _standing(session, incident, list_digest, key_id):
        _note(session, Event.REVISION_RESUMED, standing.number, now, started_by, loaded=standing.loaded)
        return standing
    number = current_number(session) + 1
    listed = {"list_digest": list_digest, "key_id": key_id, "accounts": accounts, "started_by": started_by}
    try:
        _archive(session, incident, now)
        session.add(Revision(number=number, file_digest=incident.digest, started_at=now, **listed))
        session.flush()
    except IntegrityError:
        raise DraftStands from None
    _note(session, Event.REVISION_DRAFTED, number, now, started_by, accounts=accounts, list_digest=list_digest)
    return Draft(number, list_digest, started_by, 0)


def _standing(session: Session, incident: Incident, list_digest: str, key_id: int) -> Draft | None:
    """The draft of this list, in the order of this key and under this incident file, that is not whole."""
    same = (Revision.list_digest == list_digest, Revision.file_digest == incident.digest, Revision.key_id == key_id)
    found = session.scalar(select(Revision).where(Revision.state == DRAFT, Revision.contents.is_(None), *same))
    return Draft(found.number, found.list_digest, found.started_by, found.loaded) if found else None


def advance(session: Session, draft: Draft, accounts: int) -> Draft:
    """The draft with so many accounts more; of two who fill it one goes on. Raises DraftLost."""
    further = draft.loaded + accounts
    if not changed(session, update(Revision).where(*_still(draft)).values(loaded=further)):
        raise DraftLost
    return replace(draft, loaded=further)


def commit(session: Session, draft: Draft, now: datetime) -> None:
    """Make the draft the truth, by one person alone, in one UPDATE; raises DraftLost."""
    _commit(session, *_still(draft), now=now, alone=True)


def commit_agreed(session: Session, number: int, contents: str, *, now: datetime, proposal: int) -> None:
    """Make a draft with these contents the truth, as two people agreed in a proposal; raises DraftLost."""
    still = (Revision.number == number, Revision.state == DRAFT, Revision.contents == contents)
    _commit(session, *still, now=now, alone=False, proposal=proposal)


def keep(session: Session, draft: Draft, contents: str) -> None:
    """Note that the draft is whole and what it holds, until a second person agrees; raises DraftLost."""
    if not changed(session, update(Revision).where(*_still(draft)).values(contents=contents)):
        raise DraftLost


def _commit(session: Session, *still: ColumnElement[bool], now: datetime, alone: bool, **said: int) -> None:
    made = update(Revision).where(*still).values(state=COMMITTED, committed_at=now, alone=alone)
    done = session.execute(made.returning(Revision.number, Revision.accounts, Revision.started_by)).one_or_none()
    if done is None:
        raise DraftLost
    said |= {"accounts": done.accounts, "alone": alone}
    _note(session, Event.REVISION_COMMITTED, done.number, now, done.started_by, **said)


def discard(database: Database, now: datetime, actor: str) -> int | None:
    """Remove the draft that stands, in short transactions, and what it brought; its number, or None if none stands."""
    with database.write() as session:
        proposals.void(session, KIND, actor=actor, now=now)
        taken = update(Revision).where(Revision.state == DRAFT).values(list_digest=GIVEN_UP, contents=None)
        number: int | None = session.scalar(taken.returning(Revision.number))
    if number is None:
        return None
    while _undo_slice(database, number):
        database.rest()
    with database.write() as session:
        session.execute(delete(Revision).where(Revision.number == number, Revision.state == DRAFT))
        _note(session, Event.REVISION_DISCARDED, number, now, actor)
    return number


def _undo_slice(database: Database, number: int) -> bool:
    """Undo some of a draft: answers that it opened, answers that it closed, accounts that it brought."""
    with database.write() as session:
        opened = select(Exposure.id).where(Exposure.from_revision == number).limit(SLICE)
        closed = select(Exposure.id).where(Exposure.until_revision == number).limit(SLICE)
        brought = select(Customer.id).where(Customer.from_revision == number).limit(SLICE)
        if ids := session.scalars(opened).all():
            session.execute(delete(Exposure).where(Exposure.id.in_(ids)))
        elif ids := session.scalars(closed).all():
            session.execute(update(Exposure).where(Exposure.id.in_(ids)).values(until_revision=None))
        elif accounts := session.scalars(brought).all():
            session.execute(delete(Customer).where(Customer.id.in_(accounts)))
        else:
            return False
    return True


def _archive(session: Session, incident: Incident, now: datetime) -> None:
    if session.get(ArchivedFile, incident.digest) is None:
        session.add(ArchivedFile(digest=incident.digest, content=incident.content, archived_at=now))
        session.flush()


def _still(draft: Draft) -> tuple[ColumnElement[bool], ...]:
    ours = (Revision.number == draft.number, Revision.list_digest == draft.list_digest)
    return (*ours, Revision.state == DRAFT, Revision.loaded == draft.loaded)


def _note(session: Session, event: Event, number: int, now: datetime, actor: str, **details: str | int | bool) -> None:
    record(session, event, now=now, actor=actor, subject=f"revision {number}", **details)
