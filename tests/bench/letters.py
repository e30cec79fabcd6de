"""Letters: asked for, answered and sent by the worker, beside a bare client on one connection; for information."""

import smtplib
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from tests.bench import people
from tests.bench.place import place
from tests.bench.post import Post
from tests.bench.scale import shortened
from tests.bench.table import Row
from tests.servers.postgresql import Postgresql

COUNT = shortened(250, 50)


def measure(postgresql: Postgresql) -> Iterator[Row]:
    """The worker on both engines."""
    for engine in ("sqlite", "postgresql"):
        with place(engine, postgresql) as (here, database):
            now = datetime.now(UTC)
            crowd = people.settled(database, here.keys, COUNT)
            with database.write() as session:
                session.add_all(people.asked(here.keys, one.address, n, now) for n, one in enumerate(crowd))
            post = Post(here)
            post.open()
            worker = here.worker()
            post.wait_for(1)
            before = worker.cpu()
            came = post.wait_for(COUNT)
            cost = (worker.cpu() - before) / COUNT * 1000
            worker.stop()
            rate = (COUNT - 1) / (came[-1][0] - came[0][0])
            bare, bare_cost = _bare(here.smtp_port, came[-1][1])
            told = (f"{rate:,.0f}/s", f"{bare:,.0f}/s", f"{rate / bare:.2f}")
            yield Row(f"letters, {engine}", *told, cpu=f"{cost:.2f} ms | {bare_cost:.2f} ms")


def _bare(port: int, length: int) -> tuple[float, float]:
    """Letters a second and milliseconds of CPU for each, by the standard client alone."""
    letter = b"Subject: a letter\r\n\r\n" + b"Some words of no meaning at all.\r\n" * (length // 34)
    with smtplib.SMTP("127.0.0.1", port) as line:
        began, cost = time.perf_counter(), time.process_time()
        for number in range(COUNT):
            line.sendmail("help@stagelight.example", [f"customer{number}@mail.example"], letter)
        return COUNT / (time.perf_counter() - began), (time.process_time() - cost) / COUNT * 1000
