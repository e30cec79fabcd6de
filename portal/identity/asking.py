"""Asking for somebody: staff lets a fresh link go to the address on file, by the way that customers take themselves."""

from datetime import datetime

from sqlalchemy.orm import Session

from portal.identity import links
from portal.identity.browsers import HELP_DESK
from portal.identity.customers import Customer, stored_address
from portal.sealing import KeyRing
from portal.tokens import fresh_token


def ask_for(
    session: Session,
    keys: KeyRing,
    customer: Customer,
    *,
    origin: str,
    locale: str,
    host: str,
    network: str,
    now: datetime,
) -> None:
    """Queue a request; the worker keeps to the limits. No browser gets its cookie, so link and code are needed."""
    asked = links.new_request(
        keys,
        address=stored_address(keys, customer),
        cookie=fresh_token(),
        origin=origin,
        locale=locale,
        browser=HELP_DESK,
        host=host,
        network=network,
        now=now,
    )
    links.write_down(session.connection(), asked)
