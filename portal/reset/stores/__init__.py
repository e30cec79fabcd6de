"""Identity stores: one file each behind one protocol; only they speak to identity systems."""

from collections.abc import Callable

from portal.clock import Clock
from portal.config import HalfConfigured, Settings
from portal.database import Database
from portal.reset.stores.database import DatabaseStore
from portal.reset.stores.protocol import Store
from portal.sealing import KeyRing

Maker = Callable[[Settings, Database, KeyRing, Clock], Store]
STORES: dict[str, Maker] = {
    "database": lambda settings, database, keys, _: DatabaseStore.of(settings, database, keys),
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
