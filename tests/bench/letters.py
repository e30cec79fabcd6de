"""Letters: written and sent by the worker, beside the standard library alone on as many lines to the same server."""

import smtplib
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from zoneinfo import ZoneInfo

from portal.database import Database
from portal.mail import letters, outbox
from portal.mail.message import Message, Sender
from portal.mail.mime import mime
from portal.sealing import KeyRing
from portal.tokens import fresh_id
from tests.bench import people
from tests.bench.numbers import median
from tests.bench.place import Running, place
from tests.bench.post import Post
from tests.bench.scale import shortened
from tests.bench.table import Row
from tests.servers.postgresql import Postgresql

LINES = 32
ROUNDS = shortened(5, 2)
COUNT = shortened(4000, 400)
ASKED = shortened(500, 50)
BUILT = shortened(2000, 200)
OURS = "letters@stagelight.example"
ORIGIN = "http://127.0.0.1:8000"
SENDER = Sender("Stagelight", OURS, "Stagelight", "help@stagelight.example", "+44 20 7946 0000", "1 Stage Street")
LONDON = ZoneInfo("Europe/London")


def measure(postgresql: Postgresql) -> Iterator[Row]:
    """A letter made; many letters sent, and links asked for, answered and sent, on both engines."""
    yield _made()
    for engine in ("sqlite", "postgresql"):
        with place(engine, postgresql, smtp_lines=LINES) as (here, database):
            post = Post(here)
            post.open()
            worker = here.worker()
            yield _sent(engine, post, worker, database, here.keys)
            yield _links(engine, post, worker, database, here.keys)


def _made() -> Row:
    """Filled in by us, beside built anew by the standard library from words that are there already."""
    ours, theirs = ([_seconds(make, BUILT) for _ in range(ROUNDS)] for make in (_filled, _built))
    ratio = median(their / our for our, their in zip(ours, theirs, strict=True))
    told = (f"{1 / median(ours):,.0f}/s", f"{1 / median(theirs):,.0f}/s", f"{ratio:.1f}")
    return Row("a letter made", *told, "≥ 10", ratio >= 10)


def _link(number: int) -> Message:
    link, stop = (f"{ORIGIN}/{page}?lang=en#{number:020}.{number:050}" for page in ("v", "revoke"))
    said = {"code": f"{number:08}", "asked_at": datetime.now(UTC), "browser": "Firefox"}
    return letters.link(SENDER, "en", LONDON, link=link, stop_link=stop, **said)


def _filled(number: int) -> bytes:
    return _ours(_link(number), number)


def _ours(message: Message, number: int) -> bytes:
    return mime(message, to=f"customer{number}@mail.example", message_id=f"<{number:020}@x>", now=datetime.now(UTC))


READY = _link(7)


def _built(number: int) -> bytes:
    letter = EmailMessage(policy=SMTP.clone(max_line_length=990))
    letter["From"], letter["To"] = f"{SENDER.name} <{SENDER.address}>", f"customer{number}@mail.example"
    letter["Subject"], letter["Message-ID"] = READY.text.subject, f"<{number:020}@x>"
    letter["Date"] = datetime.now(UTC)
    letter.set_content(READY.text.plain)
    letter.add_alternative(READY.text.html, subtype="html")
    return letter.as_bytes()


def _seconds(make: Callable[[int], bytes], count: int) -> float:
    began = time.perf_counter()
    for number in range(count):
        make(number)
    return (time.perf_counter() - began) / count


def _sent(engine: str, post: Post, worker: Running, database: Database, keys: KeyRing) -> Row:
    """Letters without a consequence, as those to everybody are: what the sending itself can do."""
    ours, bare, costs = list[float](), list[float](), list[tuple[float, float]]()
    for turn in range(ROUNDS + 1):
        before, cpu = len(post.arrivals()), worker.cpu()
        _enqueue(database, keys)
        came = post.wait_for(before + COUNT)[before:]
        cost = (worker.cpu() - cpu) / COUNT * 1000
        rate, bare_cost = _bare(post.here.smtp_port, came[0][1])
        if turn:  # the first is for warming up
            ours.append((COUNT - 1) / (came[-1][0] - came[0][0]))
            bare.append(rate)
            costs.append((cost, bare_cost))
    ratio = median(our / their for our, their in zip(ours, bare, strict=True))
    told = (f"{median(ours):,.0f}/s", f"{median(bare):,.0f}/s", f"{ratio:.2f}", "≥ 0.5", ratio >= 0.5)
    cpu_told = " | ".join(f"{median(held):.2f} ms" for held in zip(*costs, strict=True))
    return Row(f"letters, {engine}, {LINES} lines", *told, cpu=cpu_told)


def _enqueue(database: Database, keys: KeyRing) -> None:
    now = datetime.now(UTC)
    content = {"at": now.isoformat(), "brand": people.ACCOUNT.brand}
    with database.write() as session:
        for number in range(COUNT):
            letter = outbox.Letter(kind="password_changed", about=fresh_id(), origin=ORIGIN, locale="en")
            letter.priority, letter.mailbox = outbox.BULK, keys.mac("bench", str(number))
            to = f"customer{number}@mail.example"
            outbox.enqueue(session, keys, letter, to=to, content=content, domain="localhost", now=now)


def _links(engine: str, post: Post, worker: Running, database: Database, keys: KeyRing) -> Row:
    """Asked for, looked up, minted, sent and recorded; for information."""
    crowd, now = people.settled(database, keys, ASKED), datetime.now(UTC)
    before, cpu = len(post.arrivals()), worker.cpu()
    with database.write() as session:
        session.add_all(people.asked(keys, one.address, n, now) for n, one in enumerate(crowd))
    came = post.wait_for(before + ASKED)[before:]
    cost = (worker.cpu() - cpu) / ASKED * 1000
    rate = (ASKED - 1) / (came[-1][0] - came[0][0])
    return Row(f"links, {engine}, {LINES} lines", f"{rate:,.0f}/s", cpu=f"{cost:.2f} ms |")


def _bare(port: int, length: int) -> tuple[float, float]:
    """Letters a second and milliseconds of CPU for each, by the standard client alone, a thread a line."""
    letter = b"Subject: a letter\r\n\r\n" + b"Some words of no meaning at all.\r\n" * (length // 34)

    def send(line: smtplib.SMTP) -> None:
        for number in range(COUNT // LINES):
            line.sendmail(OURS, [f"customer{number}@mail.example"], letter)

    lines = [smtplib.SMTP("127.0.0.1", port) for _ in range(LINES)]
    with ThreadPoolExecutor(LINES) as pool:
        began, cost = time.perf_counter(), time.process_time()
        list(pool.map(send, lines))
        took = time.perf_counter() - began
    for line in lines:
        line.close()
    return COUNT / took, (time.process_time() - cost) / COUNT * 1000
