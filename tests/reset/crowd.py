"""A crowd: many people with a visit each, who press their buttons at the same moment, over real sockets."""

import http.client
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar
from urllib.parse import urlencode, urlsplit

from sqlalchemy.orm import Session

from portal.clock import now as right_now
from portal.database import Database
from portal.identity import links
from portal.identity.addresses import read
from portal.identity.customers import ADDRESS_INDEX
from portal.identity.visits import open_visit
from portal.journey.consequences import draw
from portal.sealing import KeyRing
from portal.tokens import fresh_token
from tests.cast import Account, Person, settle
from tests.reset.bench import Shown, form_on, give_passwords
from tests.visitor import OWN, Answer

AFFECTED = Account(result="AFFECTED", categories=("email_address", "login_details"))
T = TypeVar("T")


@dataclass(frozen=True)
class Caller:
    """One browser at a host of its own behind our proxy, with a visit's cookie."""

    origin: str
    host: str
    cookie: str

    def get(self, path: str) -> Answer:
        """Open a page."""
        return self._ask("GET", path, "")

    def send(self, form: Shown, password: str) -> Answer:
        """Send the form for a password."""
        return self._ask(
            "POST", "/password", urlencode({"csrf_token": form.token, "account": form.account, "password": password})
        )

    def _ask(self, method: str, path: str, body: str) -> Answer:
        line = http.client.HTTPConnection(urlsplit(self.origin).netloc, timeout=60)
        headers = {**OWN, "Cookie": f"ps={self.cookie}", "X-Forwarded-For": self.host, "Connection": "close"}
        headers |= {"Content-Type": "application/x-www-form-urlencoded"} if body else {}
        line.request(method, path, body or None, headers)
        got = line.getresponse()
        answer = Answer(
            got.status, dict(got.getheaders()), got.headers.get_all("Set-Cookie") or [], got.read().decode()
        )
        line.close()
        return answer


def gather(database: Database, keys: KeyRing, count: int) -> list[Person]:
    """So many affected people with the old password."""
    people = [Person(f"guest{number}", (AFFECTED,)) for number in range(count)]
    settle(database, keys, *people)
    give_passwords(database, keys, *people)
    return people


def oblige(database: Database) -> None:
    """Let the worker have drawn what follows from the revision."""
    more = True
    while more:
        with database.write() as session:
            more = draw(session, now=right_now())


def admit(
    database: Database, keys: KeyRing, people: Sequence[Person], origin: str, *, now: datetime | None = None
) -> list[Caller]:
    """Let each of them have proved the address a moment ago."""
    now = now or right_now()
    with database.write() as session:
        spent = [_spent(session, keys, one, origin, now) for one in people]
        cookies = [open_visit(session, keys, request, "cookie+link", now=now) for request in spent]
    return [Caller(origin, f"10.9.{number // 250}.{number % 250}", cookie) for number, cookie in enumerate(cookies)]


def forms_of(callers: Sequence[Caller]) -> list[Shown]:
    """The form that each of them sees."""
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(lambda caller: form_on(caller.get("/password")), callers))


def at_once(acts: Sequence[Callable[[], T]]) -> list[T]:
    """Do all of it at the same moment; the answers in the same order."""
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], T]) -> T:
        start.wait()
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def _spent(session: Session, keys: KeyRing, person: Person, origin: str, now: datetime) -> links.LinkRequest:
    where = {"origin": origin, "locale": "en", "browser": "Firefox", "host": "10.9.0.0", "network": "10.9.0.0"}
    request = links.new_request(keys, address=person.address, cookie=fresh_token(), now=now, **where)
    request.state, request.consumed_at = links.CONSUMED, now
    request.email_index = keys.mac(ADDRESS_INDEX, read(person.address).canonical)
    session.add(request)
    session.flush()
    return request
