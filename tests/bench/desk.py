"""The desk with a hundred thousand cases, against the same desk with a hundred: questions and time of each page."""

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count

from flask.testing import FlaskClient
from sqlalchemy import event, insert

from portal import create_app
from portal.cases.case import ANSWERED, CLOSED, NEW, OPEN, WAITING, Case
from portal.cases.reasons import Reason
from portal.config import Settings
from portal.console.access import COOKIE
from portal.database import Database
from portal.extensions import limiter
from portal.members import member, sessions
from portal.members.roles import Role
from portal.sealing import KeyRing
from portal.tokens import fresh_id
from tests.bench.numbers import median
from tests.bench.place import Place, place
from tests.bench.scale import shortened
from tests.bench.table import Row
from tests.servers.ground import EXAMPLE
from tests.servers.postgresql import Postgresql

FEW, MANY = 100, shortened(100_000, 2_000)
BATCH = 5_000
NUMBERS = count()
TRIES = shortened(15, 3)
CONSOLE = "http://localhost"
# Of a hundred cases so many are new, in work, with the customer, answered, and over.
STATES = [NEW] * 15 + [OPEN] * 10 + [WAITING] * 5 + [ANSWERED] * 10 + [CLOSED] * 60
BRANDS = ("stagelight-uk", "stagelight-international", "seatswap")
ASKED = {
    "ours": "/staff/desk",
    "a cause": "/staff/desk?reason=fraud",
    "a brand, late": "/staff/desk?brand=seatswap&only=late",
    "Dutch, nobody’s": "/staff/desk?locale=nl&only=free",
    "mine": "/staff/desk?only=mine",
    "closed": "/staff/desk?turn=over",
    "far down": "/staff/desk?turn=over&after={far}",
    "figures": "/staff/desk/figures",
}


@dataclass
class Lead:
    """A member at the desk."""

    client: FlaskClient
    database: Database

    def milliseconds(self, path: str) -> float:
        """How long a page takes, at the median."""
        took = []
        for _ in range(TRIES + 1):
            began = time.perf_counter()
            answer = self.client.get(path, base_url=CONSOLE)
            took.append((time.perf_counter() - began) * 1000)
            assert answer.status_code == 200, path
        return median(took[1:])  # the first is for warming up

    def questions(self, path: str) -> int:
        """How many questions the database gets for it."""
        asked: list[str] = []

        def note(*told: object) -> None:
            asked.append(str(told[2]))

        event.listen(self.database.engine, "before_cursor_execute", note)
        self.client.get(path, base_url=CONSOLE)
        event.remove(self.database.engine, "before_cursor_execute", note)
        return len([one for one in asked if one.lstrip().upper().startswith("SELECT")])


def measure(postgresql: Postgresql) -> Iterator[Row]:
    """The slowest page on each engine, by how much slower it is with many."""
    for engine in ("sqlite", "postgresql"):
        with place(engine, postgresql) as (here, database):
            lead, now = _lead(here, database), datetime.now(UTC)
            paths = {name: path.format(far=_far(now)) for name, path in ASKED.items()}
            _fill(database, here.keys, FEW, now)
            few = {name: lead.milliseconds(path) for name, path in paths.items()}
            _fill(database, here.keys, MANY - FEW, now)
            many = {name: lead.milliseconds(path) for name, path in paths.items()}
            slowest = max(many, key=lambda name: many[name] / few[name])
            ratio = many[slowest] / few[slowest]
            told = f"{many[slowest]:.1f} ms", f"{few[slowest]:.1f} ms with {FEW}", f"{ratio:.1f}"
            what = f"desk of {MANY:,} cases, {engine}: {slowest}"
            yield Row(what, *told, "≤ 5", ratio <= 5)
            most = max(lead.questions(path) for path in paths.values())
            yield Row(f"questions for a page of the desk, {engine}", f"{most}", "", "", "≤ 3", most <= 3)


def _lead(here: Place, database: Database) -> Lead:
    said = {"instance": here.folder, "environment": "development", "postbox": "memory", "incident": EXAMPLE}
    settings = Settings(database_url=here.url, console_origin=CONSOLE, log_level="WARNING", **said)  # type: ignore[arg-type]
    app = create_app(settings)
    now = datetime.now(UTC)
    with database.write() as session:
        newcomer = member.Newcomer("Dilys", "dilys@stagelight.example", frozenset({Role.APPROVER}))
        me = member.add(session, here.keys, newcomer, now=now)
        cookie = sessions.open_session(session, here.keys, me, "127.0.0.0/24", sessions.PASSKEY, now=now)
    limiter.enabled = False
    client = app.test_client()
    client.set_cookie(COOKIE, cookie)
    return Lead(client, app.extensions["portal"].database)


def _fill(database: Database, keys: KeyRing, amount: int, now: datetime) -> None:
    luck = random.Random(amount)
    for begins in range(0, amount, BATCH):
        rows = [_row(keys, luck, now) for _ in range(min(BATCH, amount - begins))]
        with database.write() as session:
            session.execute(insert(Case), rows)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("ANALYZE")
        connection.commit()


def _row(keys: KeyRing, luck: random.Random, now: datetime) -> dict[str, object]:
    state, opened = luck.choice(STATES), now - timedelta(seconds=luck.randrange(30 * 86_400))
    over = (
        {"closed_at": now, "close_reason": "solved"} if state == CLOSED else {"closed_at": None, "close_reason": None}
    )
    row = {"id": fresh_id(), "number": f"{next(NUMBERS):08}", "phrase_digest": bytes(32)}
    row |= {"key_id": keys.current, "reason": luck.choice(list(Reason)).value, "state": state}
    row |= {"brand": luck.choice(BRANDS), "origin": CONSOLE, "locale": luck.choice(("en", "en", "nl"))}
    return row | over | {"opened_at": opened, "due_at": opened + timedelta(hours=luck.randrange(90))}


def _far(now: datetime) -> str:
    return f"{int((now - timedelta(days=5)).timestamp() * 1_000_000)}.{'0' * 32}"
