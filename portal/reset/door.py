"""The identity store of an application, opened at its start."""

from collections.abc import Callable, Container
from datetime import datetime
from typing import cast
from uuid import UUID

from flask import Flask, current_app
from sqlalchemy.orm import Session

from portal.config import HalfConfigured, Settings
from portal.extensions import Ground
from portal.reset.pwned import Pwned, Unfit
from portal.reset.stores import open_store
from portal.reset.stores.protocol import Store

# What another room does once the owner of an account has a new password.
AfterReset = Callable[[Session, UUID, datetime], None]


def init_app(app: Flask) -> None:
    """Open the store and the file of pwned passwords; raises HalfConfigured where either is unknown."""
    held: Ground = app.extensions["portal"]
    app.extensions["pwned"] = _pwned(held.settings)
    app.extensions["store"] = open_store(held.settings, held.database, held.keys, held.clock)


def current_store() -> Store:
    """The store of the application at hand."""
    return cast(Store, current_app.extensions["store"])


def current_pwned() -> Container[str]:
    """The passwords that were found in breaches, as far as the application at hand knows any."""
    return cast(Container[str], current_app.extensions["pwned"])


def after_reset() -> AfterReset:
    """What ends elsewhere with a reset by the account's own mailbox."""
    return cast(AfterReset, current_app.extensions["after_reset"])


def _pwned(settings: Settings) -> Container[str]:
    if settings.blocklist is None:
        return ()
    try:
        return Pwned(settings.within(settings.blocklist))
    except (OSError, ValueError, Unfit) as fault:
        raise HalfConfigured(f"PORTAL_BLOCKLIST: {fault}. Make it with `flask blocklist build`.") from None
