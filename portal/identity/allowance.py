"""Allowance: how many letters a mailbox may get, counted over our own rows, silently (EML-07, EML-08)."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from portal.identity.links import LinkRequest
from portal.limits import (
    DAY,
    LINKS_FOR_NEW_NETWORKS,
    LINKS_PER_MAILBOX,
    UNKNOWN_PER_HOST,
    UNKNOWN_PER_MAILBOX,
    UNKNOWN_PER_NETWORK,
    Limit,
)

UNKNOWN = "unknown"


def known(session: Session, request: LinkRequest, *, now: datetime) -> bool | None:
    """False: within the mailbox's allowance; True: an extra for a network that is new to it; None: too many."""
    ours = (LinkRequest.mailbox == request.mailbox, LinkRequest.email_index.is_not(None))
    if all(_left(session, limit, now, *ours, LinkRequest.extra.is_(False)) for limit in LINKS_PER_MAILBOX):
        return False
    # A stranger who uses the allowance up must not lock the owner out, who comes from elsewhere.
    day = Limit("links for one mailbox from this network", 1, DAY)
    is_new = _left(session, day, now, *ours, LinkRequest.network == request.network)
    if is_new and _left(session, LINKS_FOR_NEW_NETWORKS, now, *ours, LinkRequest.extra.is_(True)):
        return True
    return None


def unknown(session: Session, request: LinkRequest, *, now: datetime) -> bool:
    """Whether an unknown address may be told so: once a day each, and few for one asking host or network."""
    ours = LinkRequest.reason == UNKNOWN
    return (
        _left(session, UNKNOWN_PER_MAILBOX, now, ours, LinkRequest.mailbox == request.mailbox)
        and _left(session, UNKNOWN_PER_HOST, now, ours, LinkRequest.host == request.host)
        and _left(session, UNKNOWN_PER_NETWORK, now, ours, LinkRequest.network == request.network)
    )


def _left(session: Session, limit: Limit, now: datetime, *which: ColumnElement[bool]) -> bool:
    since = now - timedelta(seconds=limit.per)
    used = select(func.count()).select_from(LinkRequest).where(LinkRequest.answered_at > since, *which)
    return (session.scalar(used) or 0) < limit.amount
