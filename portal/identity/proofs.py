"""Proofs: two of three (the asking browser's cookie, the letter's link, the typed code), decided by one UPDATE."""

import hmac
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote
from uuid import UUID

from sqlalchemy import ColumnElement, Update, and_, case, false, func, literal, not_, or_, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from portal.identity import links
from portal.identity.customers import Customer
from portal.identity.links import LinkRequest
from portal.incident.revisions import COMMITTED, Revision
from portal.limits import CODE_TRIES
from portal.sealing import KeyRing
from portal.tokens import fresh_token, is_public_id, is_token, read_code
from portal.turns import in_turn

COOKIE_AND_LINK, LINK_AND_CODE, CODE_ONLY = "cookie+link", "link+code", "code"
# The link's own part, wherever a mail gateway has put it; some write the sign before it as "-23".
PASTED = re.compile(r"(?:(?<![0-9a-z])|(?<=-23))([0-9a-z]{20})\.([0-9a-z]{50})")

NOBODY = UUID(int=0)
Test = ColumnElement[bool]


class ProofRefused(Exception):
    """The proof is not good; nobody outside learns why."""


@dataclass(frozen=True)
class Proof:
    """What a visitor brings; an empty text is something that he did not bring."""

    cookie: str = ""
    public_id: str = ""
    token: str = ""
    code: str = ""

    @classmethod
    def read(cls, *, cookie: str, public_id: str, token: str, code: str, link: str) -> "Proof":
        """A proof from typed and pasted texts; what has the wrong shape counts as not brought."""
        pasted = unquote(unquote(link))
        found = PASTED.search(pasted) or PASTED.search("".join(pasted.split()))  # mail programs break long lines
        if found:
            public_id, token = found.groups()
        return cls(
            cookie if is_token(cookie) else "",
            public_id if is_public_id(public_id) else "",
            token if is_token(token) else "",
            read_code(code) or "",
        )


def consume(session: Session, keys: KeyRing, proof: Proof, *, now: datetime) -> tuple[LinkRequest, str]:
    """Spend a request: it and what it was proved by; raises ProofRefused, having counted a wrong code.

    The same statements run whatever was brought, for known and unknown addresses alike (ENU-03).
    """
    request = find(session, keys, proof)
    # Two proofs of one address would each end the other's request, and wait for each other for ever.
    in_turn(session, (request.mailbox if request else None) or fresh_token().encode())
    cookie, token, code = _matches(keys, proof, request)
    decided = _spend(request, cookie, token, code, bool(proof.code), now).returning(
        LinkRequest.state, cookie, token, LinkRequest.email_index
    )
    spent = session.execute(decided, execution_options={"synchronize_session": False}).one_or_none()
    if request is None or spent is None or spent[0] != links.CONSUMED:
        raise ProofRefused
    with_cookie, with_token = spent[1], spent[2]
    set_committed_value(request, "email_index", spent[3])  # while we waited for our turn, keys may have changed
    return request, CODE_ONLY if not with_token else COOKIE_AND_LINK if with_cookie else LINK_AND_CODE


def is_link_of(keys: KeyRing, proof: Proof, request: LinkRequest | None, *, now: datetime) -> bool:
    """Whether the proof holds the link of this request, and its time is not over."""
    if request is None or request.token_digest is None or request.expires_at <= now:
        return False
    brought = keys.mac(links.TOKEN, request.public_id, proof.token, key_id=request.key_id)
    return hmac.compare_digest(brought, request.token_digest)


def find(session: Session, keys: KeyRing, proof: Proof) -> LinkRequest | None:
    """The request that a proof speaks of: by its name, else the latest letter that the asking browser was sent."""
    if proof.public_id:
        readable = LinkRequest.key_id.in_(keys.masters)  # a key may have been retired meanwhile
        return session.scalar(select(LinkRequest).where(LinkRequest.public_id == proof.public_id, readable))
    asked = select(LinkRequest).where(LinkRequest.cookie_digest.in_(keys.macs(links.COOKIE, proof.cookie).values()))
    in_hand = case((LinkRequest.state == links.SENT, 0), (LinkRequest.state == links.QUEUED, 1), else_=2)
    latest = asked.order_by(in_hand, LinkRequest.id.desc())
    return session.scalar(latest.limit(1))


def _spend(request: LinkRequest | None, cookie: Test, token: Test, code: Test, typed: bool, now: datetime) -> Update:
    enough = or_(and_(cookie, token), and_(token, code), and_(cookie, code))
    living = (LinkRequest.state.in_(links.OPEN), LinkRequest.expires_at > now, LinkRequest.epoch == _epoch())
    proved = and_(enough, *living)
    wrong_code = and_(not_(func.coalesce(enough, false())), LinkRequest.code_tries < CODE_TRIES, literal(typed))
    return (
        update(LinkRequest)
        # A request that was dropped is written like one that was answered, or a wrong code would be faster (ENU-03).
        .where(LinkRequest.id == (request.id if request else NOBODY), LinkRequest.state != links.CONSUMED)
        .values(
            state=case((proved, links.CONSUMED), else_=LinkRequest.state),
            consumed_at=case((proved, now), else_=LinkRequest.consumed_at),
            code_tries=case((wrong_code, LinkRequest.code_tries + 1), else_=LinkRequest.code_tries),
        )
    )


def _matches(keys: KeyRing, proof: Proof, request: LinkRequest | None) -> tuple[Test, Test, Test]:
    name, key_id = (request.public_id, request.key_id) if request else ("", keys.current)

    def holds(brought: str, column: ColumnElement[Any], purpose: str, *parts: str) -> Test:
        return and_(column == keys.mac(purpose, *parts, brought, key_id=key_id), literal(bool(brought)))

    cookie = holds(proof.cookie, LinkRequest.cookie_digest.expression, links.COOKIE)
    token = holds(proof.token, LinkRequest.token_digest.expression, links.TOKEN, name)
    code = holds(proof.code, LinkRequest.code_digest.expression, links.CODE, name)
    return cookie, token, and_(code, LinkRequest.code_tries < CODE_TRIES)


def _epoch() -> ColumnElement[int]:
    # An address of helpers alone has none.
    visible = select(func.coalesce(func.sum(Customer.epoch), 0)).join(
        Revision, Revision.number == Customer.from_revision
    )
    here = visible.where(Customer.email_index == LinkRequest.email_index, Revision.state == COMMITTED)
    return here.correlate(LinkRequest).scalar_subquery()
