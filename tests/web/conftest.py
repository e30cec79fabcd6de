"""The web hall alone, over https, and a client that speaks to it as a browser does."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from portal.config import Settings
from tests.web.bench import Client, StandIn, client_of, make_app

MakeSettings = Callable[..., Settings]


@pytest.fixture
def hall(settings: MakeSettings) -> Callable[..., Flask]:
    """A maker of halls: `hall(site=…, trusted_proxies=1)`."""

    def make(site: StandIn | None = None, **said: Any) -> Flask:
        return make_app(settings(**said), site)

    return make


@pytest.fixture
def client(hall: Callable[..., Flask]) -> Client:
    """A client that asks the first brand."""
    return client_of(hall())
