"""Identity stores: one file each behind one protocol; only they speak to identity systems."""

from collections.abc import Callable
from importlib import import_module
from typing import cast

from portal.clock import Clock
from portal.config import HalfConfigured, Settings
from portal.database import Database
from portal.reset.stores.database import DatabaseStore
from portal.reset.stores.guarding import Guarded
from portal.reset.stores.protocol import Store
from portal.reset.stores.turns import InTurn
from portal.sealing import KeyRing

Maker = Callable[[Settings, Database, KeyRing, Clock], Store]


def _outside(name: str) -> Maker:
    """A store outside, whose library is loaded only where it is chosen."""

    def make(settings: Settings, database: Database, keys: KeyRing, clock: Clock) -> Store:
        try:
            store = cast(Store, import_module(f"portal.reset.stores.{name}").open_store(settings, clock))
        except ModuleNotFoundError as missing:
            raise HalfConfigured(f"PORTAL_STORE: “{name}” needs the library {missing.name}; see the README.") from None
        return InTurn(Guarded(store, settings.store_has_second_factor), database, keys, clock)

    return make


STORES: dict[str, Maker] = {
    "database": DatabaseStore.of,
    **{name: _outside(name) for name in ("cognito", "keycloak", "ldap", "scim", "webhook")},
}


def open_store(settings: Settings, database: Database, keys: KeyRing, clock: Clock) -> Store:
    """The store that the settings name; raises HalfConfigured with the list of those that exist."""
    name = settings.store
    if name not in STORES:
        raise HalfConfigured(f"PORTAL_STORE: there is no store “{name}”; there are {', '.join(sorted(STORES))}.")
    return STORES[name](settings, database, keys, clock)


def lines_to(settings: Settings) -> int:
    """How many calls the worker has open at a time; in our own database one is as quick as many."""
    return 1 if settings.store == "database" else settings.store_lines
