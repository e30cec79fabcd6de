"""The identity store of an application, opened at its start."""

from collections.abc import Container
from typing import cast

from flask import Flask, current_app

from portal.config import HalfConfigured, Settings
from portal.extensions import Ground
from portal.reset.pwned import Pwned, Unfit
from portal.reset.stores import open_store
from portal.reset.stores.protocol import Store


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


def _pwned(settings: Settings) -> Container[str]:
    if settings.blocklist is None:
        return ()
    try:
        return Pwned(settings.within(settings.blocklist))
    except (OSError, ValueError, Unfit) as fault:
        raise HalfConfigured(f"PORTAL_BLOCKLIST: {fault}. Make it with `flask blocklist build`.") from None
