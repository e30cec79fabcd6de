"""Proposals: a draft that was loaded whole becomes the answer once two people agree on exactly its contents."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.approvals.carrying import Void
from portal.approvals.kinds import Payload
from portal.approvals.proposals import Proposal
from portal.cohort import contents, drafts
from portal.cohort.drafts import DraftLost
from portal.database import Database
from portal.incident.revisions import DRAFT, Revision
from portal.incident.rules import AFFECTED, NOT_AFFECTED, UNDER_REVIEW, UNKNOWN

RESULTS = (AFFECTED, NOT_AFFECTED, UNKNOWN, UNDER_REVIEW)


class NotWhole(Exception):
    """The draft is still being loaded, or its load was interrupted, or its rows were changed since."""


def standing_draft(session: Session) -> Revision | None:
    """The draft that stands, whole or not."""
    return session.scalar(select(Revision).where(Revision.state == DRAFT))


def payload_of(database: Database, draft: Revision) -> Payload:
    """What a second person must agree to: the draft's files, counts and contents; raises NotWhole."""
    held = contents.of_draft(database, draft.number)
    if draft.contents is None or held.digest != draft.contents:
        raise NotWhole
    answers = {result.lower(): held.answers[result] for result in RESULTS}
    files = {"incident_file": draft.file_digest, "list": draft.list_digest}
    return {"revision": draft.number, **files, "accounts": draft.accounts, "new": held.new, **answers} | {
        "contents": held.digest
    }


@dataclass(frozen=True)
class Committing:
    """What the worker does with a revision that two people agreed on."""

    database: Database

    def found(self, payload: Payload) -> Payload | None:
        """The same, as the draft is now."""
        with self.database.read() as session:
            draft = session.get(Revision, payload["revision"])
        try:
            return payload_of(self.database, draft) if draft and draft.state == DRAFT else None
        except NotWhole:
            return None

    def carry_out(self, session: Session, proposal: Proposal, *, now: datetime) -> None:
        """Make it the answer."""
        agreed = proposal.payload
        try:
            drafts.commit_agreed(session, agreed["revision"], agreed["contents"], now=now, proposal=proposal.id)
        except DraftLost:
            raise Void from None
