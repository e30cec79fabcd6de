"""A process whose threads grant codes: as many as they can until the time is over, one transaction each."""

import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from portal.config import load
from portal.database import Database
from portal.enrolment import giving, grants
from portal.enrolment.giving import Wish
from portal.sealing import KeyRing

WARMING = 0.3  # seconds in which lines are opened and statements said first; pgbench counts no connecting either
ORIGIN, OFFER = "http://127.0.0.1:8000", "monitoring"


def main(gate: Path, seconds: float, threads: int) -> tuple[int, float]:
    """How many grants there were after the gate was opened, and the CPU seconds that they took."""
    database, keys = Database(load().database), KeyRing.fresh()
    with ThreadPoolExecutor(threads) as pool:

        def grant(kind: str, seconds: float) -> int:
            until = time.monotonic() + seconds
            return sum(pool.map(lambda number: _grant(database, keys, f"{kind}{number}", until), range(threads)))

        grant("early", WARMING)
        (gate / str(os.getpid())).touch()
        while not (gate / "open").exists():
            time.sleep(0.01)
        used = time.process_time()
        return grant("person", seconds), time.process_time() - used


def _grant(database: Database, keys: KeyRing, name: str, until: float) -> int:
    done = 0
    while time.monotonic() < until:
        person = grants.person_at(keys, f"{name}.{done}.{os.getpid()}@mail.example")
        now = datetime.now(UTC)
        wish, moment = Wish(person, OFFER, ORIGIN, "en"), {"day": now.date(), "now": now}
        if not giving.give(database, wish, **moment):
            with database.write() as session:
                giving.claim(session, wish, **moment)
        done += 1
    return done


if __name__ == "__main__":
    sys.stdout.write("{} {}\n".format(*main(Path(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]))))
