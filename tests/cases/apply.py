"""A worker of its own that applies a change: `URL KEYS`; halfway it says so, and waits for ever."""

import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from portal.cases import cooling
from portal.database import Database
from portal.enrolment import grants
from portal.sealing import KeyRing
from tests.approvals.carry import say


def main(url: str, keys: str) -> None:
    """Write all of it, and commit nothing."""
    with Database(url).write() as session:
        assert cooling.apply_next(session, KeyRing.read(Path(keys)), grants.follow, 0, lambda: 1, now=datetime.now(UTC))
        session.flush()
        say("halfway")
        time.sleep(60)


if __name__ == "__main__":
    main(*sys.argv[1:])
