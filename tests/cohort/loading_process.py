"""A load in a process of its own, which waits after the first batch to be killed."""

import os
from multiprocessing.connection import Connection
from pathlib import Path

from portal import clock
from portal.cohort.drafts import DraftLost, DraftStands
from portal.cohort.loading import Loader, Progress
from portal.cohort.roster import inspect
from portal.database import Database
from portal.incident import file
from portal.sealing import KeyRing
from tests.servers.ground import EXAMPLE


def load(line: Connection, url: str, keys: str, listed: str) -> None:
    """Say one's number, wait for a word, load, and say how it ended."""
    loader = Loader(Database(url), KeyRing.read(Path(keys)), file.read(EXAMPLE), clock.now, "operator")
    roster = inspect(Path(listed), loader.incident, loader.keys)
    line.send(os.getpid())
    line.recv()
    try:
        loader.load(roster, rest_once(line))
    except (DraftStands, DraftLost) as refusal:
        line.send(type(refusal).__name__)
    else:
        line.send("committed")


def rest_once(line: Connection) -> Progress:
    """After the first batch, stay in the middle of the load until a word comes."""
    rests = iter([line.recv])

    def rest(_: int) -> None:
        for wait in rests:
            line.send("halfway")
            wait()

    return rest
