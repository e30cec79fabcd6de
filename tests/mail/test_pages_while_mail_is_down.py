"""Pages answer alike whether the relay works, is away, hangs or refuses: they never wait for it."""

import time
from collections.abc import Callable
from functools import partial

from portal.database import Database
from portal.sealing import KeyRing
from tests import cast
from tests.letters import at_relay
from tests.requirements import requirement
from tests.servers.processes import Install, Process
from tests.servers.relay import HANG, Relay
from tests.servers.waiting import until
from tests.visitor import Answer, Visitor

TROUBLES: dict[str, Callable[[Relay], None]] = {
    "away": lambda relay: relay.close(),
    "hanging": lambda relay: relay.misbehave("MAIL", HANG, times=20),
    "later": lambda relay: relay.misbehave("RCPT", "450 4.2.0 later", times=20),
    "never": lambda relay: relay.misbehave("RCPT", "550 5.1.1 unknown", times=20),
}
ANSWERED_WITHIN = 1.5
ABOUT_A_LETTER = '"letter:'


def seen(answer: Answer) -> tuple[int, list[tuple[str, str]], list[int], str]:
    """What an observer can compare: all but the moment and the cookie's value."""
    headers = [(name, value) for name, value in answer.headers.items() if name not in ("Date", "Set-Cookie")]
    return answer.status, headers, [len(cookie) for cookie in answer.cookies], answer.text


def answers(visitor: Visitor, name: str) -> list[tuple[object, ...]]:
    """The answers to a customer, a stranger, and a look at the next page; each within its time."""
    found = []
    for ask in (
        lambda: visitor.ask(f"{name}@mail.example"),
        lambda: visitor.ask(f"not-{name}@mail.example"),
        lambda: visitor.get("/sent"),
        lambda: visitor.post("/v", {"code": "00000000"}),
    ):
        began = time.monotonic()
        found.append(seen(ask()))
        assert time.monotonic() - began < ANSWERED_WITHIN
    return found


def meets_more(worker: Process, before: int) -> bool:
    return worker.log().count(ABOUT_A_LETTER) > before


@requirement("ENU-04")
@requirement("ENG-01")
def test_no_trouble_with_the_relay_changes_a_page(
    install: Install, database: Database, keys: KeyRing, relay: Relay
) -> None:
    cast.settle(database, keys, *(cast.Person(name, (cast.Account(),)) for name in ("fine", *TROUBLES)))
    installation = install(smtp_timeout=1)
    web, worker = installation.web(), installation.worker()
    wanted = answers(installation.visitor(at_relay(relay)), "fine")
    relay.wait_for(2)
    assert wanted[0] == wanted[1]
    for trouble, begin in TROUBLES.items():
        begin(relay)
        before = worker.log().count(ABOUT_A_LETTER)
        assert answers(installation.visitor(at_relay(relay)), trouble) == wanted
        until(partial(meets_more, worker, before), f"the worker meets a relay that is {trouble}")
        assert answers(installation.visitor(at_relay(relay)), "fine") == wanted
        if trouble == "away":
            relay.open()
        for script in relay.script.values():
            script.clear()
    assert web.handle.poll() is None
