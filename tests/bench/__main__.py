"""`make bench`: how fast, against floors measured in the same run; one table at the end, 1 if a promise is broken."""

import os
import signal
import sys
import time

from tests.bench import (
    blocklist,
    deriving,
    desk,
    expiries,
    first_day,
    gate,
    grants,
    letters,
    loading,
    pages,
    passwords,
    servers,
    timing,
)
from tests.bench.place import server
from tests.bench.scale import SHORT
from tests.bench.table import Row, show
from tests.servers import network

SECTIONS = {
    "pages": pages.measure,
    "loading": loading.measure,
    "gate": gate.measure,
    "passwords": passwords.measure,
    "expiries": expiries.measure,
    "blocklist": blocklist.measure,
    "desk": desk.measure,
    "grants": grants.measure,
    "timing": timing.measure,
    "letters": letters.measure,
    "first-day": first_day.measure,
    "derive": deriving.measure,
    "servers": servers.measure,
}


def main(wanted: list[str]) -> int:
    """Measure the wanted sections, or all; `short` takes a quick look, good for nothing but trying the bench out."""
    network.switch_off()
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # whoever stops us leaves nothing running
    wanted = [name for name in wanted if name != SHORT]
    began, rows = time.monotonic(), list[Row]()
    with server() as postgresql:
        for name, measure in SECTIONS.items():
            if wanted and name not in wanted:
                continue
            for row in measure(postgresql):
                rows.append(row)
                sys.stderr.write(f"{time.monotonic() - began:5.0f} s  {row.what}: {row.ours}\n")
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    show(rows, f"{os.cpu_count()} cores, load {load} at the end, {time.monotonic() - began:.0f} s in all")
    return int(any(row.kept is False for row in rows))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
