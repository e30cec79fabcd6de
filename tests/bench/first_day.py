"""The first day: asking and proving arrive mixed, as after a mail blast, whether or not the answers come (OPS-08)."""

import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from urllib.parse import urlencode

from tests.bench import wire
from tests.bench.numbers import percentile
from tests.bench.place import Place, place
from tests.bench.scale import shortened
from tests.bench.table import Row
from tests.luck.ready import ReadyLetter, letters
from tests.servers.counter import Counter
from tests.servers.postgresql import Postgresql

STARTS, PROOFS, LATEST_SECONDS = 500, 50, 0.3  # of each a second, and their 95th percentile: what one node promises
SHARES = (1.0, 0.8, 0.6, 0.5, 0.4, 0.3, 0.2)
WARM = 0.05
SECONDS, LINES = shortened(6, 2), 96
PEOPLE = count()


@dataclass
class Hour:
    """What became of all that was due: seconds from when it was due to its answer."""

    due: Iterator[tuple[float, bytes, int]]
    took: list[float] = field(default_factory=list)
    failed: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def serve(self, port: int, began: float) -> None:
        """One connection that sends whatever is due next."""
        line = wire.Line(port)
        while True:
            with self.lock:
                moment, request, wanted = next(self.due, (0.0, b"", 0))
            if not request:
                return line.close()
            time.sleep(max(0.0, began + moment - time.perf_counter()))
            status = line.ask(request).status
            self.took.append(time.perf_counter() - began - moment)
            self.failed += status != wanted


def measure(postgresql: Postgresql) -> Iterator[Row]:
    """The largest share of the promised load that two web processes serve in time, with all else on this machine."""
    with tempfile.TemporaryDirectory() as folder:
        counter = Counter(Path(folder))
        counter.start()
        try:
            with place("postgresql", postgresql, web_processes=2, limiter_url=counter.url) as (here, database):
                wanted = round(PROOFS * SECONDS * (sum(SHARES) + WARM)) + len(SHARES) + 1
                ready = iter(letters(database, here.keys, wanted))
                here.web()
                _hour(here, ready, WARM)
                yield _largest(here, ready)
        finally:
            counter.end()


def _largest(here: Place, ready: Iterator[ReadyLetter]) -> Row:
    for share in SHARES:
        hour = _hour(here, ready, share)
        latest = percentile(hour.took, 0.95)
        if not hour.failed and latest < LATEST_SECONDS:
            break
    told = f"{STARTS * share:.0f} + {PROOFS * share:.0f}/s, p95 {latest * 1000:.0f} ms, {hour.failed} failed"
    promise = f"{STARTS} + {PROOFS}/s, p95 < {LATEST_SECONDS * 1000:.0f} ms"
    return Row("POST /start + proofs, a node with all its parts", told, "", f"{share:.1f}", promise, share == 1.0)


def _hour(here: Place, ready: Iterator[ReadyLetter], share: float) -> Hour:
    starts, proofs = round(STARTS * share * SECONDS), round(PROOFS * share * SECONDS)
    asked = [(number / starts * SECONDS, _ask(here.port), 303) for number in range(starts)]
    proved = [(number / proofs * SECONDS, _prove(here.port, next(ready)), 303) for number in range(proofs)]
    hour = Hour(iter(sorted(asked + proved)))
    began = time.perf_counter()
    wire.together(lambda: hour.serve(here.port, began), LINES)
    return hour


def _ask(port: int) -> bytes:
    fields = {"email": f"morning{next(PEOPLE)}@mail.example", "lang": "en"}
    return wire.post("/start", port, urlencode(fields).encode())


def _prove(port: int, letter: ReadyLetter) -> bytes:
    fields = urlencode({"public_id": letter.public_id, "token": letter.token})
    return wire.post("/v", port, fields.encode(), f"rq={letter.cookie}")
