"""Ten million customers, or as many as are said: loaded, killed on the way, asked meanwhile, looked at in the end."""

import os
import signal
import sys
import time
from collections.abc import Iterator

from tests.bench import loads
from tests.bench.asking import Asking
from tests.bench.loading import memory, noticed, page, rate
from tests.bench.place import place, server
from tests.bench.table import Row, show
from tests.servers import network
from tests.servers.postgresql import Postgresql

SMALL, SHORTER = 10_000, 10  # customers of the portal beside it; its memory is compared with that of a tenth
BESIDES = 4  # of the cast


def measure(postgresql: Postgresql, engine: str, count: int) -> Iterator[Row]:
    """A list of so many, against the plain loop, a shorter list and a small portal."""
    with place(engine, postgresql, name="short") as (here, _):
        tenth = loads.loaded(here, loads.written(here, count // SHORTER))
    with place(engine, postgresql, name="floor") as (here, _):
        floor = loads.floor(here, loads.written(here, count))
    with place(engine, postgresql) as (here, database), place(engine, postgresql, name="small") as (small, few):
        loads.loaded(small, loads.written(small, SMALL))
        listed, whole = loads.written(here, count), (count + BESIDES,) * 2
        done = loads.killed(here, database, listed, count // 3)
        began = loads.loaded(here, listed)
        assert loads.counted(database) == (*whole, 1), loads.counted(database)
        yield Row(f"killed after {done:,} of {count:,}, {engine}", "nothing twice, nothing lost", "", "", "", True)
        began.seconds *= count / (count - done)
        yield rate(engine, count, began, floor)
        yield memory(engine, (count // SHORTER, tenth), (count, began))
        served, again = here.web(), loads.written(here, count, seed=2)
        with Asking(served.port, database, loads.visitors(database, here.keys, count, 500)) as asking:
            loads.loaded(here, again)
        accounts, answers, revisions = loads.counted(database)
        assert (answers, revisions) == (accounts, 2), "whoever is listed at another brand is somebody new"
        yield from noticed(engine, count, asking)
        yield page(engine, (here, database, served, count), (small, few, small.web(), SMALL))


def main(count: int, engines: list[str]) -> int:
    """Measure each engine."""
    network.switch_off()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever stops us leaves nothing running
    began, rows = time.monotonic(), list[Row]()
    with server() as postgresql:
        for engine in engines:
            for row in measure(postgresql, engine, count):
                rows.append(row)
                sys.stderr.write(f"{time.monotonic() - began:5.0f} s  {row.what}: {row.ours} {row.ratio}\n")
    show(rows, f"{os.cpu_count()} cores, {time.monotonic() - began:.0f} s in all")
    return int(any(row.kept is False for row in rows))


if __name__ == "__main__":  # words: a number, and the engines that are wanted
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
    chosen = [word for word in sys.argv[1:] if not word.isdigit()]
    sys.exit(main((numbers or [10_000_000])[0], chosen or ["sqlite", "postgresql"]))
