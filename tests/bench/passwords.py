"""Passwords: argon2id at its raw rate while twelve wait, other pages still quick, and the sixty-fifth asked to wait."""

import os
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from urllib.parse import urlencode

from tests.bench import people, wire
from tests.bench.numbers import median, percentile
from tests.bench.place import Place, place
from tests.bench.scale import shortened
from tests.bench.table import Row
from tests.servers.postgresql import Postgresql

ROUNDS, SETS, WAITING, CROWD = shortened(5, 1), 40, 12, 64
SECONDS = 4.0
PROFILE = "full"
PROBES_A_SECOND = 50
FIELDS = re.compile(r'name="(csrf_token|account)"[^>]*value="([^"]+)"')
HEADING = re.compile(rb"<h1[^>]*>([^<]*)")
NEW = ("violet harbour {} nimbus tandem", count(1000))


@dataclass
class Probe:
    """Somebody who opens the information page fifty times a second."""

    port: int
    took: list[float] = field(default_factory=list)
    failed: int = 0

    def run(self, over: threading.Event) -> None:
        """Look until it is over."""
        line, due = wire.Line(self.port), time.perf_counter()
        while not over.is_set():
            answer = line.ask(wire.get("/", self.port))
            self.took.append(answer.seconds)
            self.failed += answer.status != 200
            due = max(due + 1 / PROBES_A_SECOND, time.perf_counter())
            time.sleep(max(0.0, due - time.perf_counter()))
        line.close()


def measure(postgresql: Postgresql) -> Iterator[Row]:
    """Idle, raw and storm in turn; then the crowd."""
    with place("sqlite", postgresql, postbox="memory", hashing=PROFILE) as (here, database):
        crowd = people.settled(database, here.keys, ROUNDS * SETS + CROWD)
        visits = people.proven(database, here.keys, crowd, PROFILE)
        here.web()
        forms = [_form(here.port, cookie) for cookie in visits]
        idle, beside, busy = Probe(here.port), Probe(here.port), Probe(here.port)
        raw, alone, ours = [], [], []
        for turn in range(ROUNDS):
            with _looking(idle):
                time.sleep(SECONDS)
            with _looking(beside):  # the floor has the same visitors of the information page as ours has
                raw.append(_raw(here))
            ours.append(_storm(here.port, forms[turn * SETS :][:SETS], busy))
            alone.append(_raw(here))
        yield _rate(f"password set, {WAITING} waiting", ours, raw, "≥ 0.9", 0.9)
        yield _rate("the same; the floor has the machine to itself", ours, alone)
        yield _page(idle, busy)
        yield _crowd(here.port, forms[-CROWD:])


def _form(port: int, cookie: str) -> bytes:
    """A request that sets a password, with what the visit's own page says."""
    line = wire.Line(port)
    page = line.ask(wire.get("/password", port, cookie)).body.decode()
    line.close()
    said, (pattern, numbers) = dict(FIELDS.findall(page)), NEW
    body = urlencode({**said, "password": pattern.format(next(numbers))}).encode()
    return wire.post("/password", port, body, cookie)


@contextmanager
def _looking(probe: Probe) -> Iterator[None]:
    """Let somebody look at the information page meanwhile."""
    over = threading.Event()
    watcher = threading.Thread(target=probe.run, args=(over,))
    watcher.start()
    yield
    over.set()
    watcher.join()


def _raw(here: Place) -> float:
    program = here.python("tests.bench.hashing", PROFILE, str(SECONDS), str(os.cpu_count()))
    told, _ = program.handle.communicate()
    return float(told)


def _storm(port: int, forms: list[bytes], probe: Probe) -> float:
    """Hashes a second, counted while the queue was full."""
    done, waiting = list[float](), iter(forms)

    def run() -> None:
        line = wire.Line(port)
        for form in waiting:
            answer = line.ask(form)
            # On a machine that others keep busy, ten seconds may not do; that is not a set then.
            if answer.status == 303:
                done.append(time.perf_counter())
        line.close()

    with _looking(probe):
        wire.together(run, WAITING)
    full = sorted(done)[1 : len(done) - WAITING]
    return 2 * (len(full) - 1) / (full[-1] - full[0]) if len(full) > 1 else 0.0


def _rate(what: str, ours: list[float], floor: list[float], promise: str = "", least: float = 0.0) -> Row:
    ratio = median(one / other for one, other in zip(ours, floor, strict=True))
    told = (f"{median(ours):.2f} hashes/s", f"{median(floor):.2f} hashes/s", f"{ratio:.2f}")
    return Row(what, *told, promise, ratio >= least if promise else None)


def _page(idle: Probe, busy: Probe) -> Row:
    quiet, loud = percentile(idle.took, 0.99), percentile(busy.took, 0.99)
    told = (f"p99 {loud * 1000:.1f} ms", f"idle p99 {quiet * 1000:.1f} ms", f"{loud / quiet:.1f}")
    kept = loud <= 5 * quiet and not idle.failed + busy.failed
    return Row(f"information page meanwhile, {len(busy.took)} looks", *told, "≤ 5", kept)


def _crowd(port: int, forms: list[bytes]) -> Row:
    waiting, answers, probe = iter(forms), list[wire.Answer](), Probe(port)

    def run() -> None:
        line = wire.Line(port)
        answers.append(line.ask(next(waiting)))
        line.close()

    with _looking(probe):
        wire.together(run, len(forms))
    done = [answer for answer in answers if answer.status == 303]
    later = [answer for answer in answers if answer.status == 503 and answer.header("Retry-After")]
    whole = [answer for answer in later if b'name="password"' in answer.body]
    lost = [f"{answer.status} {HEADING.search(answer.body)}" for answer in answers if answer not in done + whole]
    failed = len(forms) - len(done) - len(whole) + probe.failed
    slowest = max(answer.seconds for answer in later) * 1000 if later else 0
    told = f"{len(done)} set, {len(whole)} told to come back within {slowest:.0f} ms, {failed} failed {lost[:1] or ''}"
    return Row(f"{len(forms)} at once", told, promise="503 + Retry-After, 0 failed", kept=bool(later) and not failed)
