"""Pages and asking, against bare Flask on the same server, in alternation."""

import re
from collections.abc import Callable, Iterator
from itertools import count
from urllib.parse import urlencode

from sqlalchemy import func, select

from portal.database import Database
from portal.identity.links import LinkRequest
from tests.bench import wire
from tests.bench.numbers import median
from tests.bench.place import Running, place
from tests.bench.scale import shortened
from tests.bench.table import Row
from tests.servers.ports import free_port
from tests.servers.postgresql import Postgresql

LINES = 8
ROUNDS = shortened(6, 2)
SECONDS = 1.5
NUMBERS = count()
ASKED = 10
STATEMENT = re.compile(r"LOG:  (?:statement|execute)")


def measure(postgresql: Postgresql) -> Iterator[Row]:
    """The information page on SQLite, and asking on both engines."""
    for engine in ("sqlite", "postgresql"):
        with place(engine, postgresql) as (here, database):
            ours, floor = here.web(), here.web("tests.bench.floors:app", free_port())
            if engine == "sqlite":
                _check_alike(ours, floor)
                yield compared("information page", 0.7, (ours, floor), lambda port: wire.get("/", port), 200)
            asked = _rows(database)
            yield compared(f"POST /start, {engine}", 0.6, (ours, floor), _ask, 303)
            assert _rows(database) > asked
            if engine == "postgresql":
                yield _statements(ours, postgresql)


def _ask(port: int) -> bytes:
    fields = {"email": f"person{next(NUMBERS)}@mail.example", "lang": "en"}
    return wire.post("/start", port, urlencode(fields).encode())


def compared(
    what: str, least: float, servers: tuple[Running, Running], request: Callable[[int], bytes], status: int
) -> Row:
    """Flood ours and the floor in turn; the ratio is the median of those of the rounds."""
    rates: list[list[float]] = [[], []]
    costs: list[list[float]] = [[], []]
    for turn in range(ROUNDS + 1):
        for number, served in enumerate(servers):
            before = served.cpu()
            seen = wire.flood(
                served.port, lambda port=served.port: request(port), wanted=status, lines=LINES, seconds=SECONDS
            )
            if turn:  # the first is for warming up
                rates[number].append(seen.rate)
                costs[number].append((served.cpu() - before) / len(seen.answers) * 1000)
    ratio = median(ours / floor for ours, floor in zip(*rates, strict=True))
    told = [f"{median(held):,.0f}/s" for held in rates]
    cpu = " | ".join(f"{median(held):.2f} ms" for held in costs)
    return Row(what, *told, f"{ratio:.2f}", f"≥ {least}", ratio >= least, cpu)


def _check_alike(ours: Running, floor: Running) -> None:
    """The floor is honest only if it renders the very same page."""
    pages = [wire.Line(served.port).ask(wire.get("/", ours.port)).body for served in (ours, floor)]
    assert pages[0] == pages[1], "the floor's page differs from ours"


def _rows(database: Database) -> int:
    with database.read() as session:
        return session.scalar(select(func.count()).select_from(LinkRequest)) or 0


def _statements(ours: Running, postgresql: Postgresql) -> Row:
    """What the database hears of one request, by its own log: beginning and end count too."""
    line = wire.Line(ours.port)
    with postgresql.listening() as log:
        line.ask(_ask(ours.port))  # wakes a connection that rested
        before = len(log())
        for _ in range(ASKED):
            line.ask(_ask(ours.port))
        heard = [said for said in log()[before:] if STATEMENT.search(said)]
    each = len(heard) / ASKED
    return Row("statements of POST /start", f"{each:g}", "", "", "≤ 3", each <= 3)
