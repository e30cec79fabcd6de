"""The identity store of an application, opened at its start."""

from typing import cast

from flask import Flask, current_app

from portal.extensions import Ground
from portal.reset.stores import open_store
from portal.reset.stores.protocol import Store


def init_app(app: Flask) -> None:
    """Open the store; raises HalfConfigured where its name is unknown."""
    held: Ground = app.extensions["portal"]
    app.extensions["store"] = open_store(held.settings, held.database, held.keys, held.clock)


def current_store() -> Store:
    """The store of the application at hand."""
    return cast(Store, current_app.extensions["store"])
