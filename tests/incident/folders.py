"""Copies of the example incident that a test may break."""

import shutil
from pathlib import Path

from portal.incident.faults import Fault, IncidentFaults
from portal.incident.file import read
from tests.servers.ground import EXAMPLE


class Copy:
    """The example in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.path = Path(shutil.copytree(EXAMPLE.parent, folder / "incident"))

    def change(self, file: str, old: str, new: str) -> None:
        """Replace words that must be there, once."""
        text = (self.path / file).read_text()
        assert old in text
        (self.path / file).write_text(text.replace(old, new, 1))

    def faults(self) -> tuple[Fault, ...]:
        """What reading it complains of; none if it can be used."""
        return self.faults_of(self.path)

    @staticmethod
    def faults_of(path: Path) -> tuple[Fault, ...]:
        """What reading a file complains of."""
        try:
            read(path)
        except IncidentFaults as error:
            return error.faults
        return ()
