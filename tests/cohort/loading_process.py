"""A load in a process of its own: `URL KEYS LIST [pause]`; with `pause` it waits after the first batch to be killed."""

import sys
from pathlib import Path

from portal import clock
from portal.cohort.drafts import DraftLost, DraftStands
from portal.cohort.loading import Loader, Progress
from portal.cohort.roster import inspect
from portal.database import Database
from portal.incident import file
from portal.sealing import KeyRing
from tests.servers.ground import EXAMPLE


def main(url: str, keys: str, listed: str, pause: str = "") -> None:
    """Say `ready`, wait for a line, load, and say how it ended."""
    loader = Loader(Database(url), KeyRing.read(Path(keys)), file.read(EXAMPLE), clock.now, "operator")
    roster = inspect(Path(listed), loader.incident)
    say("ready")
    sys.stdin.readline()
    try:
        loader.load(roster, rest_once() if pause else lambda _: None)
    except (DraftStands, DraftLost) as refusal:
        say(type(refusal).__name__)
    else:
        say("committed")


def rest_once() -> Progress:
    """After the first batch, stay in the middle of the load until a line comes."""
    rests = iter([sys.stdin.readline])

    def rest(_: int) -> None:
        for wait in rests:
            say("halfway")
            wait()

    return rest


def say(word: str) -> None:
    """Tell the test."""
    sys.stdout.write(word + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
