"""Asking for a letter: whoever asks for whatever address, the page does the same and says the same."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.audit.trail import AuditEvent
from portal.database import Database
from portal.identity import links
from portal.identity.addresses import read
from portal.mail import suppressions
from portal.mail.outbox import Letter
from portal.sealing import KeyRing
from tests.identity.bench import cookie, give_cookie, move_to, outside, requests_of, statements, traced
from tests.requirements import requirement
from tests.servers.app import MakePortal, Newcomer
from tests.servers.ground import StillClock
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("cast")

AMARA, BO, EMRE, FATOU = (f"{name}@mail.example" for name in ("amara", "bo", "emre", "fatou"))
PLAUSIBLE = ("amara@mail.exmaple", "a.m.a.r.a+x+y@mail.example", "amara\uff20mail.example", "o'neil!#$%&*@b.co")
TIMES = 20


@pytest.fixture
def portal(make_portal: MakePortal) -> Flask:
    """The application as in production."""
    return make_portal(origin="https://localhost", environment="production", postbox="smtp", smtp_host="localhost")


@pytest.fixture
def suspended(database: Database, keys: KeyRing, clock: StillClock) -> str:
    """An address that must not be written to."""
    mailbox = keys.mac(links.MAILBOX, read(EMRE).mailbox)
    with database.write() as session:
        suppressions.suppress(session, mailbox, suppressions.BOUNCED, now=clock())
    return EMRE


def spelled(classes: dict[str, tuple[str, ...]]) -> Iterator[tuple[str, str]]:
    """Each class in turn, twenty times."""
    for number in range(TIMES):
        for name, addresses in classes.items():
            yield name, addresses[number % len(addresses)]


@requirement("ENU-01")
def test_six_kinds_of_addresses_get_the_same_answer_byte_for_byte(
    newcomer: Newcomer, work: Callable[[], None], suspended: str
) -> None:
    limited = newcomer()
    for _ in range(3):
        limited.ask(BO)
        work()
    classes = {"affected": (AMARA,), "unaffected": (BO,), "unknown": (FATOU,), "suspended": (suspended,)}
    classes |= {"plausible": PLAUSIBLE, "limited": (BO,)}
    seen: dict[str, set[str]] = {}
    for number, (kind, address) in enumerate(spelled(classes)):
        somebody = limited if kind == "limited" else newcomer()
        move_to(somebody, number)
        seen.setdefault(kind, set()).add(repr(outside(somebody.ask(address))))
        if number % len(classes) == 0:
            work()
    assert len(seen) == 6
    assert len(set.union(*seen.values())) == 1
    [answer] = seen["affected"]
    assert answer.startswith("(303")
    assert answer.count("__Host-rq=" + "~" * 50 + ";") == 1


@requirement("ENU-02")
@pytest.mark.parametrize("address", [AMARA, BO, FATOU])
def test_asking_is_one_insert_and_nothing_else(visitor: Visitor, database: Database, address: str) -> None:
    visitor.get("/sent")
    with traced(database) as heard:
        assert visitor.ask(address).status == 303
    [said] = statements(heard)
    assert said.startswith("INSERT INTO link_request ")
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(Letter)) == 0
        assert session.scalar(select(func.count()).select_from(AuditEvent)) == 0


@requirement("ENU-02")
def test_asking_does_no_arithmetic_on_accounts(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    purposes: list[str] = []
    for name in ("mac", "seal", "unseal"):
        once = getattr(KeyRing, name)

        def note(
            ring: KeyRing, purpose: str, *rest: object, once: Callable[..., object] = once, **more: object
        ) -> object:
            purposes.append(purpose)
            return once(ring, purpose, *rest, **more)

        monkeypatch.setattr(KeyRing, name, note)
    assert visitor.ask(AMARA).status == 303
    assert sorted(purposes) == sorted([links.COOKIE, links.HOST, links.NETWORK, links.TYPED_ADDRESS])


@requirement("ENU-03")
def test_asking_says_the_same_to_the_database_for_known_and_unknown(newcomer: Newcomer, database: Database) -> None:
    heard = []
    for address in (AMARA, FATOU, BO):
        with traced(database) as said:
            newcomer().ask(address)
        heard.append(statements(said))
    assert heard[0] == heard[1] == heard[2]


def test_what_is_stored_of_an_asker_is_sealed_or_keyed(visitor: Visitor, database: Database) -> None:
    visitor.ask(AMARA)
    [request] = requests_of(database)
    held = b"".join(value for value in vars(request).values() if isinstance(value, bytes))
    assert b"amara" not in held
    assert b"127.0.0" not in held
    assert (cookie(visitor, "__Host-rq") or "none").encode() not in held


@requirement("LNK-14")
def test_a_browser_that_asks_again_keeps_its_cookie_and_is_told_it_again(visitor: Visitor) -> None:
    first, second = visitor.ask(AMARA), visitor.ask(FATOU)
    assert first.cookies == second.cookies
    assert len(first.cookies) == 1


@requirement("LNK-14")
@pytest.mark.parametrize("garbage", ["x", "A" * 50, "0" * 49, "'; drop table visit", "0" * 3000])
def test_a_cookie_that_we_did_not_make_is_replaced(visitor: Visitor, garbage: str) -> None:
    give_cookie(visitor, "__Host-rq", garbage)
    visitor.ask(AMARA)
    assert cookie(visitor, "__Host-rq") != garbage
    assert len(cookie(visitor, "__Host-rq") or "") == 50
