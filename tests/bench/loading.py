"""Loading: how fast against a plain loop, in how much memory, and what those who ask meanwhile notice."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path

from portal.database import Database
from tests.bench import loads, wire
from tests.bench.asking import Asking
from tests.bench.loads import Loaded
from tests.bench.pages import compared
from tests.bench.place import Place, Running, place
from tests.bench.scale import shortened
from tests.bench.table import Row
from tests.servers.postgresql import Postgresql

FEW, MANY = shortened(100_000, 50_000), shortened(500_000, 60_000)
MORE_TURNS = shortened(2, 0)
VISITORS = shortened(500, 50)
TURNS = count()


def measure(postgresql: Postgresql) -> Iterator[Row]:
    """A first list while nobody asks, a second one while somebody does, then a page; on both engines."""
    for engine in ("sqlite", "postgresql"):
        with place(engine, postgresql) as (here, database):
            listed = loads.written(here, MANY)
            floor, ours = loads.floor(here, listed), loads.loaded(here, listed)
            yield rate(engine, MANY, *_best(engine, postgresql, listed, ours, floor))
            served, again = here.web(), loads.written(here, MANY, seed=2)
            with Asking(served.port, database, loads.visitors(database, here.keys, MANY, VISITORS)) as asking:
                loads.loaded(here, again)
            yield from noticed(engine, MANY, asking)
            with place(engine, postgresql, name="small") as (small, few):
                yield memory(engine, (FEW, loads.loaded(small, loads.written(small, FEW))), (MANY, ours))
                crowds = ((here, database, served, MANY), (small, few, small.web(), FEW))
                yield page(engine, *crowds)


def _best(engine: str, postgresql: Postgresql, listed: Path, *first: Loaded) -> list[Loaded]:
    """The quicker ones of several turns of both, because each takes long enough for the machine to change its pace."""
    best = list(first)
    for _ in range(MORE_TURNS):
        with place(engine, postgresql, name="again") as (here, _):
            again = loads.loaded(here, listed), loads.floor(here, listed)
        best = [min(pair, key=lambda one: one.seconds) for pair in zip(best, again, strict=True)]
    return best


def rate(engine: str, accounts: int, ours: Loaded, floor: Loaded) -> Row:
    """How fast, against the loop in one process."""
    ratio = floor.seconds / ours.seconds
    told = [f"{accounts / one.seconds:,.0f}/s" for one in (ours, floor)]
    return Row(f"load of {accounts:,}, {engine}", *told, f"{ratio:.2f}", "≥ 0.7", ratio >= 0.7)


def memory(engine: str, few: tuple[int, Loaded], many: tuple[int, Loaded]) -> Row:
    """All processes of a load together, of a long list and of a shorter one."""
    (less, short), (more, long) = few, many
    told = f"{long.memory:.0f} MB with {more:,}", f"{short.memory:.0f} MB with {less:,}"
    ratio = long.memory / short.memory
    kept = long.memory <= 300 and ratio <= 1.1
    return Row(f"memory of a load, {engine}", *told, f"{ratio:.2f}", "≤ 300 MB, ≤ 1.1", kept)


def noticed(engine: str, accounts: int, asking: Asking) -> Iterator[Row]:
    """What somebody who asked during a load got."""
    assert not asking.faults, asking.faults[:3]
    told = f"{asking.slowest:.0f} ms", f"99 %: {asking.high:.0f} ms", f"{len(asking.answers)} asked"
    yield Row(f"slowest page while {accounts:,} load, {engine}", *told, "≤ 500 ms", asking.slowest <= 500)
    if engine == "postgresql":
        kept = asking.longest <= 200
        yield Row(f"longest lock while {accounts:,} load", f"{asking.longest:.0f} ms", "", "", "≤ 200 ms", kept)


Crowd = tuple[Place, Database, Running, int]


def page(engine: str, many: Crowd, few: Crowd) -> Row:
    """The answer's page among many customers, against the same among few."""
    cookies = {
        served.port: loads.visitors(database, here.keys, accounts, VISITORS)
        for here, database, served, accounts in (many, few)
    }

    def look(port: int) -> bytes:
        return wire.get("/status", port, cookies[port][next(TURNS) % VISITORS])

    what = f"/status among {many[3]:,} and {few[3]:,}, {engine}"
    return compared(what, 0.91, (many[2], few[2]), look, 200)
