"""Two nodes on PostgreSQL and Valkey behave as one, and outlive each other and what they lean on."""

from collections import Counter as Tally
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import func, select

from portal.database import Database
from portal.enrolment.grants import Grant
from portal.identity.links import LinkRequest
from portal.identity.visits import Visit
from portal.limits import REQUESTS_PER_HOST
from portal.mail.outbox import Letter
from portal.migrations import upgrade
from portal.sealing import KeyRing
from tests.cast import Account, Person, settle
from tests.enrolment.bench import SHOWN, some_codes, stock_up
from tests.enrolment.race import FAR, lasting_incident
from tests.luck.several import HOST, Town, people
from tests.luck.wire import ask, get
from tests.requirements import requirement
from tests.rounds import rounds
from tests.servers.counter import Counter
from tests.servers.databases import url_of
from tests.servers.postgresql import Postgresql
from tests.servers.processes import Installation, prepare
from tests.servers.relay import Relay
from tests.servers.waiting import until

ROUNDS = rounds(1)
OUTAGES = max(1, ROUNDS // 10)
EACH = 8  # people a round
MOVED = 10  # while a test floods, the minute that is counted moves on
pytestmark = pytest.mark.timeout(120 + 20 * ROUNDS)
PAYING = Account(result="AFFECTED", categories=("email_address", "payment_details"))


@pytest.fixture
def town(
    tmp_path: Path, postgresql: Postgresql, counter: Counter, relay: Relay, keys: KeyRing, audit_keys: KeyRing
) -> Iterator[Town]:
    """Both nodes are up, each with a worker; there are people enough, and a code for each."""
    database = Database(postgresql.create("nodes"))
    upgrade(database)
    settle(database, keys, *(Person(name, (PAYING,)) for name in people(EACH * (ROUNDS + 1))))
    stock_up(database, keys, some_codes(EACH * (ROUNDS + 1)), expires=date.fromisoformat(FAR))
    said = {"incident": lasting_incident(tmp_path), "origin": f"http://{HOST}", "limiter_url": counter.url}
    nodes: list[Installation] = []
    for number in range(2):
        folder = tmp_path / f"node-{number}"
        nodes.append(prepare(folder, url_of(database), keys, relay, None, audit_keys, trusted_proxies=1, **said))
        nodes[-1].web(threads=8, ready=False)
        nodes[-1].worker()
    for node in nodes:
        until(lambda node=node: is_up(node), "a node")  # type: ignore[misc]
    yield Town(nodes, database, counter, relay)
    for node in nodes:
        node.stop()
    database.close()


def is_up(node: Installation) -> bool:
    """Whether a node answers, and its worker works."""
    try:
        answers = ask(node.port, get(node.port, "/readyz", Host=HOST)).status == 200
    except OSError:
        return False
    return answers and "worker:started" in node.processes[1].log()


def count(town: Town, table: type) -> int:
    """How many rows there are."""
    with town.database.read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def is_answered(town: Town) -> bool:
    """Whether every request was answered, and every letter went out."""
    waiting = select(LinkRequest.id).where(LinkRequest.answered_at.is_(None)).limit(1)
    moving = select(Letter.id).where(Letter.sent_at.is_(None)).limit(1)
    with town.database.read() as session:
        return session.scalar(waiting) is None and session.scalar(moving) is None


@requirement("ENG-02")
def test_no_limit_letter_proof_or_code_is_given_twice(town: Town) -> None:
    assert REQUESTS_PER_HOST.amount <= town.let_through("/sent", 150) <= REQUESTS_PER_HOST.amount + MOVED
    codes = []
    for turn in range(ROUNDS):
        names = [f"{name}@mail.example" for name in people(EACH, turn * EACH)]
        home = f"10.200.{turn % 250}.1"  # from another network a mailbox may be asked for once more
        asked = {name: town.ask(name, X_Forwarded_For=home) for name in names}
        for _ in range(3):  # the same mailbox again, from other browsers
            town.ask(names[0], X_Forwarded_For=home)
        until(lambda: is_answered(town), "the workers answer everybody", seconds=40)
        for name, cookie in asked.items():
            visit = town.prove(name, cookie)
            assert [town.get("/status", Cookie=f"ps={visit}").status for _ in town.nodes] == [200, 200]
            shown = {SHOWN.findall(page)[0] for page in town.reveal(visit)}
            assert len(shown) == 1
            codes += shown
    assert max(Tally(one.recipients for one in town.relay.letters).values()) == 1
    assert len(set(codes)) == count(town, Grant) == count(town, Visit) == len(town.relay.letters) == EACH * ROUNDS


def recover(town: Town) -> None:
    """Let what went come back, beside the database."""
    town.database.close()  # our own lines ended with the server, perhaps less than a rest ago
    town.counter.start()
    town.relay.open()


@requirement("ENG-04", "ENG-02")
def test_what_they_lean_on_goes_and_comes_back_and_so_does_a_node(town: Town, postgresql: Postgresql) -> None:
    for turn in range(OUTAGES):
        names = iter([f"{name}@mail.example" for name in people(EACH, turn * EACH)])
        town.relay.close()
        town.ask(next(names))
        town.counter.end()
        assert town.get("/faq").status == 200
        town.ask(next(names))
        postgresql.stop()
        try:
            for _ in town.nodes:
                assert town.get("/faq").status == 200
                refused = town.post("/start", {"email": next(names)})
                assert (refused.status, refused.first("Retry-After")) == (503, "60")
        finally:
            postgresql.start()
        recover(town)
        until(lambda: town.get("/readyz").status == 200 and town.get("/readyz").status == 200, "both are ready")
        town.ask(next(names))
        until(lambda: is_answered(town), "the workers go on by themselves", seconds=40)
        assert len(town.relay.letters) == 3 * (turn + 1)
        until(lambda: all(map(town.counts, town.nodes)), "they count together again")
    first = town.nodes.pop(0)
    first.stop()
    for name in people(EACH, EACH * OUTAGES):
        town.ask(f"{name}@mail.example")
    until(lambda: is_answered(town), "the other node does it all", seconds=40)
    assert len(town.relay.letters) == 3 * OUTAGES + EACH
    assert max(Tally(one.recipients for one in town.relay.letters).values()) == 1
