"""Timing: whether asking, or a wrong code, takes longer for those we know; with mail up, slow and down (ENU-03)."""

import random
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlencode

from sqlalchemy import func, select

from portal.database import Database
from portal.identity.links import LinkRequest
from tests.bench import people, wire
from tests.bench.numbers import auc, median
from tests.bench.place import place
from tests.bench.post import Post
from tests.bench.scale import shortened
from tests.bench.table import Row
from tests.servers.postgresql import Postgresql

SAMPLES = shortened(1000, 100)  # of the known, and as many of the unknown, in an order by chance
MAIL: dict[str, Callable[[Post], None]] = {"up": Post.open, "slow": lambda post: post.open(10), "down": Post.close}
COOKIE = re.compile(r"rq=([0-9a-z]{50})")
WRONG = urlencode({"code": "ZZZZ-ZZZZ"}).encode()
ANSWERED_SECONDS = 60


@dataclass
class Samples:
    """Seconds of the known and of the unknown."""

    known: list[float] = field(default_factory=list)
    unknown: list[float] = field(default_factory=list)

    def row(self, what: str) -> Row:
        """As the table says it."""
        ours, theirs = median(self.known) * 1000, median(self.unknown) * 1000
        apart = auc(self.known, self.unknown)
        kept = abs(apart - 0.5) <= 0.05 and abs(ours - theirs) < 5
        told = (f"known {ours:.2f} ms", f"unknown {theirs:.2f} ms", f"AUC {apart:.3f}")
        return Row(what, *told, "0.50 ± 0.05, Δ < 5 ms", kept)


def measure(postgresql: Postgresql) -> Iterator[Row]:
    """Both posts under each weather, on both engines."""
    for engine in ("sqlite", "postgresql"):
        with place(engine, postgresql) as (here, database):
            crowd = [one.address for one in people.settled(database, here.keys, len(MAIL) * SAMPLES)]
            post, cookies = Post(here), list[tuple[bool, str]]()
            here.web()
            post.open()
            here.worker()
            for turn, (weather, bring) in enumerate(MAIL.items()):
                bring(post)
                asked, given = _ask(here.port, crowd[turn * SAMPLES :][:SAMPLES])
                yield asked.row(f"POST /start, {engine}, mail {weather}")
                if not cookies:
                    cookies = given
                    _wait_until_answered(database)
                yield _guess(here.port, cookies).row(f"wrong code, {engine}, mail {weather}")


def _ask(port: int, known: list[str]) -> tuple[Samples, list[tuple[bool, str]]]:
    """Ask for letters; also the asking browsers' cookies, and whether each belongs to somebody we know."""
    samples, cookies, line = Samples(), list[tuple[bool, str]](), wire.Line(port)
    unknown = [address.replace("customer", "stranger") for address in known]
    for is_known, address in _mixed(known, unknown):
        answer = line.ask(wire.post("/start", port, urlencode({"email": address}).encode()))
        assert answer.status == 303, answer
        (samples.known if is_known else samples.unknown).append(answer.seconds)
        cookies.append((is_known, COOKIE.findall(answer.head)[0]))
    line.close()
    return samples, cookies


def _guess(port: int, cookies: list[tuple[bool, str]]) -> Samples:
    samples, line = Samples(), wire.Line(port)
    for is_known, cookie in random.sample(cookies, len(cookies)):
        answer = line.ask(wire.post("/v", port, WRONG, f"rq={cookie}"))
        assert answer.status == 400, answer
        (samples.known if is_known else samples.unknown).append(answer.seconds)
    line.close()
    return samples


def _mixed(known: list[str], unknown: list[str]) -> list[tuple[bool, str]]:
    both = [(True, address) for address in known] + [(False, address) for address in unknown]
    return random.sample(both, len(both))


def _wait_until_answered(database: Database) -> None:
    """A wrong code is worth timing only where the worker has made the right one."""
    left = select(func.count()).select_from(LinkRequest).where(LinkRequest.answered_at.is_(None))
    until = time.monotonic() + ANSWERED_SECONDS
    while time.monotonic() < until:
        with database.read() as session:
            if not session.scalar(left):
                return
        time.sleep(0.2)
