"""Several nodes: two web servers and two workers at one address, over one PostgreSQL, one counter and one relay."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import count
from time import monotonic

from portal.database import Database
from tests.letters import at_relay
from tests.luck.wire import Line, Told, ask, get, post, stranger
from tests.servers.counter import Counter
from tests.servers.processes import Installation
from tests.servers.relay import Relay
from tests.visitor import TOKEN

HOST = "localhost:8000"  # what the nodes are called, wherever each of them listens
HONEST_SECONDS = 5


@dataclass
class Town:
    """The nodes, and what they share."""

    nodes: list[Installation]
    database: Database
    counter: Counter
    relay: Relay
    turns: "count[int]" = field(default_factory=count)

    @property
    def port(self) -> int:
        """The node whose turn it is."""
        return self.nodes[next(self.turns) % len(self.nodes)].port

    def get(self, path: str, **headers: str) -> Told:
        """Open a page at the next node; nobody waits for longer than is honest."""
        port = self.port
        return quick(port, get(port, path, Host=HOST, **headers))

    def post(self, path: str, fields: dict[str, str], **headers: str) -> Told:
        """Send a form to the next node."""
        port = self.port
        return quick(port, post(port, path, fields, Host=HOST, **headers))

    def post_everywhere(self, path: str, fields: dict[str, str], **headers: str) -> list[Told]:
        """The same form to every node, before any of them has answered."""
        with ExitStack() as opened:
            lines = [opened.enter_context(Line(node.port)) for node in self.nodes]
            for line, node in zip(lines, self.nodes, strict=True):
                line.send(post(node.port, path, fields, Host=HOST, **headers))
            return [line.answer() for line in lines]

    def ask(self, address: str, **headers: str) -> str:
        """Ask for a letter; the cookie of the browser that asked."""
        told = self.post("/start", {"email": address}, **headers)
        assert told.status == 303
        return cookie_of(told, "rq")

    def prove(self, address: str, cookie: str) -> str:
        """Follow the letter's link at every node at once, which opens one visit; its cookie."""
        [letter] = at_relay(self.relay)(address)
        proof = {"public_id": letter.public_id, "token": letter.token}
        told = self.post_everywhere("/v", proof, Cookie=f"rq={cookie}")
        [visit] = filter(None, (cookie_of(one, "ps") for one in told))
        return visit

    def reveal(self, visit: str) -> list[str]:
        """Press the button for the code at every node at once; what each of them shows."""
        held = f"ps={visit}"
        found = TOKEN.search(self.get("/code", Cookie=held).text)
        assert found
        return [one.text for one in self.post_everywhere("/code", {"csrf_token": found[1] or found[2]}, Cookie=held)]

    def let_through(self, path: str, requests: int) -> int:
        """How many requests of one host the nodes answer, each in its turn."""
        host = stranger()
        return [self.get(path, X_Forwarded_For=host).status for _ in range(requests)].count(200)

    def counts(self, node: Installation) -> bool:
        """Whether a node counts where the others do."""
        self.counter.answers(b"FLUSHALL")
        quick(node.port, get(node.port, "/sent", Host=HOST))
        return self.counter.answers(b"DBSIZE") != b":0\r\n"


def quick(port: int, raw: bytes) -> Told:
    """One exchange, in time."""
    began = monotonic()
    told = ask(port, raw, seconds=3 * HONEST_SECONDS)
    assert monotonic() - began < HONEST_SECONDS
    return told


def cookie_of(told: Told, name: str) -> str:
    """The cookie's value, or an empty text."""
    kept = [one.partition(";")[0].partition("=") for one in told.all("Set-Cookie")]
    return next((value for held, _, value in kept if held == name), "")


def people(number: int, first: int = 0) -> Sequence[str]:
    """The names of so many people."""
    return [f"neighbour{one}" for one in range(first, first + number)]
