"""The blocklist: how long one look-up in a file of a million pwned passwords takes, and how large the file is."""

import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from portal.reset import pwned
from tests.bench.numbers import median, percentile
from tests.bench.scale import shortened
from tests.bench.table import Row
from tests.servers.postgresql import Postgresql

PASSWORDS, LOOKS = shortened(1_000_000, 50_000), shortened(100_000, 5_000)
MOST_SECONDS = 0.001


def measure(_: Postgresql) -> Iterator[Row]:
    """Make a list of chance, build the file, look up as many that are in none."""
    chance = random.Random(11)
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        source, target = Path(folder, "list.txt"), Path(folder, "pwned.bin")
        hashes = sorted({f"{chance.getrandbits(160):040X}" for _ in range(PASSWORDS)})
        source.write_text("".join(f"{one}:1\n" for one in hashes))
        began = time.perf_counter()
        made = pwned.build(source, target)
        built = time.perf_counter() - began
        known, took, wrong = pwned.Pwned(target), list[float](), 0
        for number in range(LOOKS):
            began = time.perf_counter()
            wrong += f"a good password, number {number}" in known
            took.append(time.perf_counter() - began)
    worst = percentile(took, 0.999)
    yield Row(
        f"blocklist, a look-up among {made.passwords:,}",
        f"{median(took) * 1e6:.0f} µs, of 999 in 1,000 at most {worst * 1e6:.0f} µs",
        promise="at most 1 ms",
        kept=worst <= MOST_SECONDS and wrong <= LOOKS / made.one_in + 1,
    )
    yield Row(
        "blocklist, building the file",
        f"{made.passwords / built:,.0f} a second; {made.size / 1e6:.1f} MB, one good one of {made.one_in:,} refused",
    )
