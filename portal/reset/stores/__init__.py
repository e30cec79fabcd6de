"""Identity stores: one file each behind one protocol; only they speak to identity systems."""

from collections.abc import Callable

from portal.config import HalfConfigured, Settings
from portal.database import Database
from portal.reset.stores.database import DatabaseStore
from portal.reset.stores.protocol import Store
from portal.sealing import KeyRing

STORES: dict[str, Callable[[Settings, Database, KeyRing], Store]] = {"database": DatabaseStore.of}


def open_store(settings: Settings, database: Database, keys: KeyRing) -> Store:
    """The store that the settings name; raises HalfConfigured with the list of those that exist."""
    name = settings.store
    if name not in STORES:
        raise HalfConfigured(f"PORTAL_STORE: there is no store “{name}”; there are {', '.join(sorted(STORES))}.")
    return STORES[name](settings, database, keys)
