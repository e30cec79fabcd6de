"""Answering: what the worker does with a request, out of the asker's sight; each request in one transaction."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.audit import trail
from portal.audit.events import Event
from portal.identity import addresses, allowance, customers, helpers, links, renewal
from portal.identity.customers import Customer
from portal.identity.helpers import Helper
from portal.identity.links import LinkRequest
from portal.mail import outbox, suppressions
from portal.sealing import KeyRing, SealBroken
from portal.tokens import fresh_code, fresh_token
from portal.turns import in_turn

LINK, UNKNOWN = "link", "unknown"


def answer_next(session: Session, keys: KeyRing, *, answer_unknown: bool, now: datetime) -> bool:
    """Answer the oldest waiting request, or drop it; False where none waits."""
    request = links.next_waiting(session)
    if request is None:
        return False
    request.answered_at = now
    try:
        refusal = _answer(session, keys, request, answer_unknown, now)
    except SealBroken:
        refusal = "does not open"  # and those who wait behind it are answered
    if refusal:
        links.drop(request, refusal)
        trail.record(
            session, Event.LINK_DROPPED, now=now, actor=trail.WORKER, subject=request.public_id, reason=refusal
        )
    request.address_sealed = None
    return True


def _answer(session: Session, keys: KeyRing, request: LinkRequest, answer_unknown: bool, now: datetime) -> str | None:
    """Why there is no link, or None where there is one."""
    if request.expires_at <= now:
        return "waited too long"
    try:
        address = addresses.read(keys.unseal(links.TYPED_ADDRESS, request.id, request.address_sealed or b""))
    except addresses.AddressRefused:
        return "unreadable"
    mailbox = keys.mac(links.MAILBOX, address.mailbox)
    in_turn(session, mailbox)
    request.mailbox = mailbox
    against = suppressions.reason_against(session, keys.macs(links.MAILBOX, address.mailbox).values(), now=now)
    if against:
        return against
    indexes = keys.macs(customers.ADDRESS_INDEX, address.canonical).values()
    accounts, helping = customers.at_address(session, indexes), helpers.at_address(session, indexes, now=now)
    if accounts and not helping and all(account.deceased for account in accounts):
        return suppressions.DECEASED
    if accounts or helping:
        renewal.renew(session, keys, accounts, address)
        return _mint(session, keys, request, accounts, helping, now)
    return _tell_unknown(session, keys, request, address.stored, now) if answer_unknown else "unknown, not told"


def _mint(
    session: Session,
    keys: KeyRing,
    request: LinkRequest,
    accounts: list[Customer],
    helping: list[Helper],
    now: datetime,
) -> str | None:
    extra = allowance.known(session, request, now=now)
    if extra is None:
        return "too many"
    to = customers.stored_address(keys, accounts[0]) if accounts else helpers.stored_address(keys, helping[0])
    token, stop, code, public_id = fresh_token(), fresh_token(), fresh_code(), request.public_id
    request.extra = extra
    request.email_index = helpers.gather(helping, accounts[0].email_index if accounts else helping[0].email_index)
    request.epoch = sum(account.epoch for account in accounts)
    request.token_digest = keys.mac(links.TOKEN, public_id, token, key_id=request.key_id)
    request.stop_digest = keys.mac(links.STOP, public_id, stop, key_id=request.key_id)
    request.code_digest = keys.mac(links.CODE, public_id, code, key_id=request.key_id)
    secrets = {"public_id": public_id, "token": token, "stop": stop, "code": code}
    _enqueue(session, keys, request, LINK, to=to, content=secrets, now=now)
    trail.record(session, Event.LINK_MINTED, now=now, actor=trail.WORKER, subject=public_id, extra=extra)
    return None


def _tell_unknown(session: Session, keys: KeyRing, request: LinkRequest, to: str, now: datetime) -> str:
    if not allowance.unknown(session, request, now=now):
        return "unknown, told before"
    _enqueue(session, keys, request, UNKNOWN, to=to, content={}, now=now)
    trail.record(session, Event.UNKNOWN_ANSWERED, now=now, actor=trail.WORKER, subject=request.public_id)
    return allowance.UNKNOWN


def _enqueue(
    session: Session, keys: KeyRing, request: LinkRequest, kind: str, *, to: str, content: dict[str, str], now: datetime
) -> None:
    letter = outbox.Letter(
        kind=kind,
        about=request.id,
        origin=request.origin,
        locale=request.locale,
        priority=outbox.INTERACTIVE,
        mailbox=request.mailbox,
    )
    domain = request.origin.rpartition("//")[2].partition(":")[0]
    outbox.enqueue(session, keys, letter, to=to, content=content, domain=domain, now=now)
