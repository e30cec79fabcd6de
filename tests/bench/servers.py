"""gunicorn and granian side by side, with the same portal behind them: pages, and pages while others send slowly."""

import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import count
from urllib.parse import urlencode

from portal.config import Settings
from tests.bench import wire
from tests.bench.pages import compared
from tests.bench.place import PROGRAMS, Place, Running, place
from tests.bench.scale import shortened
from tests.bench.table import Row
from tests.servers.ports import free_port
from tests.servers.postgresql import Postgresql

THREADS: int = Settings.model_fields["web_threads"].default
SLOW = 2 * THREADS
LOOKS = shortened(20, 4)
LOOK_SECONDS = 0.5
NUMBERS = count()


def measure(postgresql: Postgresql) -> Iterator[Row]:
    """Granian first, gunicorn as its floor; for information."""
    for engine in ("sqlite", "postgresql"):
        with place(engine, postgresql) as (here, _):
            servers = _granian(here), here.web()
            # Both answer to the one address that the settings name.
            page, ask = partial(wire.get, "/", here.port), partial(_ask, here.port)
            for what, request, status in (("information page", page, 200), ("POST /start", ask, 303)):
                row = compared(f"{what}, {engine}: granian | gunicorn", 0, servers, lambda _, r=request: r(), status)
                yield replace(row, promise="", kept=None)
            if engine == "sqlite":
                told = [f"{_while_others_are_slow(served.port, here.port) * 1000:,.0f} ms" for served in servers]
                yield Row(f"longest page while {SLOW} send slowly: granian | gunicorn", *told)
                yield Row("memory: granian | gunicorn", *(f"{served.memory() / 1e6:,.0f} MB" for served in servers))


def _ask(named: int) -> bytes:
    fields = {"email": f"guest{next(NUMBERS)}@mail.example", "lang": "en"}
    return wire.post("/start", named, urlencode(fields).encode())


def _granian(here: Place) -> Running:
    port = free_port()
    words = ("--interface", "wsgi", "--http", "1", "--no-ws", "--workers", "1", "--blocking-threads", str(THREADS))
    served = here.start(str(PROGRAMS / "granian"), *words, "--host", "127.0.0.1", "--port", str(port), "app:app")
    served.port = port
    here.wait_for(served)
    return served


def _while_others_are_slow(port: int, named: int) -> float:
    """The longest of some looks at a page, while twice as many as there are threads keep back what they post."""
    head = f"POST /start HTTP/1.1\r\nHost: 127.0.0.1:{named}\r\nContent-Length: 200\r\n"
    head += "Content-Type: application/x-www-form-urlencoded\r\n\r\nemail="
    slow = [socket.create_connection(("127.0.0.1", port)) for _ in range(SLOW)]
    for one in slow:
        one.sendall(head.encode())
    longest = 0.0
    for _ in range(LOOKS):
        time.sleep(LOOK_SECONDS)
        began = time.monotonic()
        line = wire.Line(port)
        try:
            line.ask(wire.get("/", named))
        except OSError:
            return time.monotonic() - began
        finally:
            line.close()
        longest = max(longest, time.monotonic() - began)
    for one in slow:
        one.close()
    return longest
