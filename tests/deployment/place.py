"""A place where the doctor looks: an installation of a test's, whose parts are put out of order one by one."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from portal.config import Settings
from portal.deployment.finding import Finding, Verdict
from tests.servers.ground import MakeSettings, StillClock


@dataclass
class Place:
    """The settings of one, its clock, and what lets a part of it be out of order."""

    make: MakeSettings
    clock: StillClock
    patch: pytest.MonkeyPatch

    @property
    def folder(self) -> Path:
        """The instance."""
        return self.make().instance

    def smtp(self, **said: object) -> Settings:
        """With a relay on this machine."""
        return self.make(**{"postbox": "smtp", "smtp_host": "localhost", "smtp_port": 1, "smtp_timeout": 0.1, **said})


Ask = Callable[[Place], Iterable[Finding]]
Row = tuple[Ask, Verdict, str, str]  # what is asked, and what a line of the answer must hold: fact and advice
