"""Flask's extensions, unbound, and the ground that every door stands on."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from flask import Blueprint, Flask, current_app, request
from flask_babel import Babel
from flask_limiter import ExemptionScope, Limiter
from sqlalchemy.orm import Session

from portal.clock import Clock
from portal.config import HalfConfigured, Settings
from portal.counters import WindowCounters
from portal.database import Database
from portal.limits import REQUESTS_PER_HOST, Limit
from portal.networks import client_host
from portal.sealing import KeyRing, KeysUnreadable


def no_more_than(limit: Limit) -> Callable[[], str]:
    """The limit as it holds at the moment of a request: without the shared counter it is tighter (OPS-03)."""
    return lambda: str(limit.without_counter if limiter.limiter.storage is not limiter.storage else limit)


class OwnLimiter(Limiter):
    """The library's; but where nothing is counted before the views, it does not look for what might be."""

    def __init__(self, *words: Any, **said: Any) -> None:
        super().__init__(*words, **said)
        self.spared: set[str] = set()

    def spare(self, door: Blueprint) -> None:
        """No limit of the whole application holds for this door; those of its views do."""
        self.exempt(door, flags=ExemptionScope.APPLICATION)
        self.spared.add(door.name)

    def _check_request_limit(self, callable_name: str | None = None, in_middleware: bool = True) -> None:
        # The long way notices when the shared counter is back.
        if not in_middleware or self._storage_dead or request.blueprint not in self.spared:
            super()._check_request_limit(callable_name, in_middleware)


babel = Babel()
limiter = OwnLimiter(
    key_func=client_host,
    application_limits=[no_more_than(REQUESTS_PER_HOST)],
    in_memory_fallback_enabled=True,
    request_identifier=lambda: request.endpoint or "nowhere",  # else what is no page of ours would not be counted
    headers_enabled=False,
    strategy="sliding-window-counter",
)


def _ring(setting: str, path: Path) -> KeyRing:
    try:
        return KeyRing.read(path)
    except KeysUnreadable as error:
        raise HalfConfigured(
            f"{setting}: no usable key ring ({error}).\n"
            "Make one with `flask keys new`, or put yours back; see the README, “Keys”."
        ) from None


Ask = Callable[[Session, datetime], bool]


@dataclass
class Ground:
    """What every door may ask for: settings, the clock, the database and the keys."""

    settings: Settings
    clock: Clock

    @cached_property
    def database(self) -> Database:
        """The database, connected at the first question."""
        return Database(self.settings.database)

    @cached_property
    def keys(self) -> KeyRing:
        """The key ring; raises HalfConfigured where there is none."""
        return _ring("PORTAL_KEYS_FILE", self.settings.within(self.settings.keys_file))

    @cached_property
    def audit_keys(self) -> KeyRing:
        """The trail's key ring, for the worker and `flask audit` alone; raises HalfConfigured where there is none."""
        return _ring("PORTAL_AUDIT_KEYS_FILE", self.settings.within(self.settings.audit_keys_file))

    def writing(self, act: Ask) -> Callable[[], bool]:
        """A step of the worker's that acts in a transaction of its own."""

        def step() -> bool:
            with self.database.write() as session:
                return act(session, self.clock())

        return step

    def reading(self, ask: Ask) -> Callable[[], bool]:
        """A look of the worker's, that changes nothing."""

        def look() -> bool:
            with self.database.read() as session:
                return ask(session, self.clock())

        return look

    def check(self) -> None:
        """Raises HalfConfigured where the keys are missing; opens no connection."""
        _ = self.keys


def init_app(app: Flask, held: Ground) -> None:
    """Lay the ground, and let web limits be counted where the settings say."""
    app.extensions["portal"] = held
    own = f"{WindowCounters.STORAGE_SCHEME[0]}://"
    in_memory = held.settings.limiter_url.startswith("memory")
    app.config["RATELIMIT_STORAGE_URI"] = own if in_memory else held.settings.limiter_url
    if held.settings.limiter_url.startswith("redis"):
        app.config["RATELIMIT_STORAGE_OPTIONS"] = {"socket_connect_timeout": 1, "socket_timeout": 1}


def ground() -> Ground:
    """The ground of the application at hand."""
    return cast(Ground, current_app.extensions["portal"])
