"""The ground of a test: a clock that stands still until told, fresh keys, settings over a folder of its own."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from portal.config import ROOT, Settings
from portal.sealing import KeyRing

MORNING = datetime(2018, 7, 2, 8, 0, tzinfo=UTC)
EXAMPLE = ROOT / "portal" / "incident" / "examples" / "ticketing-2018" / "incident.toml"

MakeSettings = Callable[..., Settings]


class StillClock:
    """A clock that moves only when a test moves it."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def __call__(self) -> datetime:
        return self.moment

    def move(self, **spell: float) -> datetime:
        """Let time pass, as `move(minutes=31)`; returns the new moment."""
        self.moment += timedelta(**spell)
        return self.moment


@pytest.fixture
def clock() -> StillClock:
    """A quiet Monday morning, a few days after the example incident was published."""
    return StillClock(MORNING)


@pytest.fixture
def keys() -> KeyRing:
    """A key ring that no other test knows."""
    return KeyRing.fresh()


@pytest.fixture
def audit_keys() -> KeyRing:
    """The key ring of the trail, which no web process reads."""
    return KeyRing.fresh()


def write_keys(folder: Path, keys: KeyRing, audit_keys: KeyRing) -> None:
    """Put both rings where an installation looks for them."""
    for name, ring in (("keys.json", keys), ("audit-keys.json", audit_keys)):
        (folder / name).write_text(ring.written())
        (folder / name).chmod(0o600)


@pytest.fixture
def settings(tmp_path: Path, keys: KeyRing, audit_keys: KeyRing, monkeypatch: pytest.MonkeyPatch) -> MakeSettings:
    """A maker of settings: development, example incident, letters kept in memory; each can be said otherwise."""
    instance = tmp_path / "instance"
    instance.mkdir()
    write_keys(instance, keys, audit_keys)
    for name in [name for name in os.environ if name.startswith("PORTAL_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PORTAL_INSTANCE", str(instance))  # or this checkout's own settings would count

    def make(**said: Any) -> Settings:
        usual: dict[str, Any] = {
            "instance": instance,
            "environment": "development",
            "incident": EXAMPLE,
            "postbox": "memory",
        }
        usual |= {"origin": "http://localhost"}
        return Settings(**{**usual, **said})

    return make
