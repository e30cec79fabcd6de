"""Stops: whoever did not ask stops our letters by the other link and the code, and can undo it."""

from datetime import datetime
from typing import Protocol

from sqlalchemy import and_, case, func, update
from sqlalchemy.orm import Session

from portal.audit import trail
from portal.audit.events import Event
from portal.identity import links, visits
from portal.identity.links import LinkRequest
from portal.identity.proofs import Proof, ProofRefused, find
from portal.limits import CODE_TRIES
from portal.mail import suppressions
from portal.sealing import KeyRing


class Act(Protocol):
    """Stopping or its undoing; raises ProofRefused."""

    def __call__(self, session: Session, keys: KeyRing, proof: Proof, *, now: datetime) -> None:
        """Do it."""


def stop(session: Session, keys: KeyRing, proof: Proof, *, now: datetime) -> None:
    """End the link and every visit it opened, and write no letter for 24 hours; raises ProofRefused."""
    request = _proven(session, keys, proof)
    mine = update(LinkRequest).where(LinkRequest.id == request.id, LinkRequest.state.in_(links.OPEN))
    session.execute(mine.values(state=links.REVOKED))
    visits.end_those_of(session, request.id, now=now)
    suppressions.suppress(session, request.mailbox or b"", suppressions.UNWANTED, now=now)
    trail.record(session, Event.LINK_REVOKED, now=now, actor="mailbox", subject=request.public_id)


def undo(session: Session, keys: KeyRing, proof: Proof, *, now: datetime) -> None:
    """Let letters go out again; the stopped link stays dead. Raises ProofRefused."""
    request = _proven(session, keys, proof)
    suppressions.lift(session, request.mailbox or b"", suppressions.UNWANTED)
    trail.record(session, Event.LINK_RESTORED, now=now, actor="mailbox", subject=request.public_id)


def _proven(session: Session, keys: KeyRing, proof: Proof) -> LinkRequest:
    request = find(session, keys, proof)
    if request is None or not (proof.token and proof.code):
        raise ProofRefused
    token = keys.mac(links.STOP, request.public_id, proof.token, key_id=request.key_id)
    code = keys.mac(links.CODE, request.public_id, proof.code, key_id=request.key_id)
    right = func.coalesce(and_(LinkRequest.stop_digest == token, LinkRequest.code_digest == code), False)
    tried = update(LinkRequest).where(LinkRequest.id == request.id, LinkRequest.code_tries < CODE_TRIES)
    counted = tried.values(code_tries=case((right, LinkRequest.code_tries), else_=LinkRequest.code_tries + 1))
    if not session.scalar(counted.returning(right).execution_options(synchronize_session=False)):
        raise ProofRefused
    return request
