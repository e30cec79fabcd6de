"""The wire: a lean HTTP client on kept connections, so that what is measured is the server."""

import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

PATIENCE_SECONDS = 30
HOSTS = count(1)


def elsewhere() -> str:
    """A host in a network that nobody came from yet, as our own proxy would name it."""
    number = next(HOSTS)
    return f"10.{number >> 8 & 255}.{number & 255}.{number >> 16 & 255}"


@dataclass(frozen=True)
class Answer:
    """What came back, and after how many seconds."""

    status: int
    head: str
    body: bytes
    seconds: float

    def header(self, name: str) -> str:
        """One header's value, or an empty text."""
        found = [line for line in self.head.split("\r\n") if line.lower().startswith(name.lower() + ":")]
        return found[0].partition(":")[2].strip() if found else ""


@dataclass
class Line:
    """One kept connection."""

    port: int
    open: socket.socket | None = None
    held: bytes = b""

    def ask(self, request: bytes) -> Answer:
        """Send a request and read its answer; a connection that the server closed is opened again."""
        if self.open is None:
            self.open = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_SECONDS)
            self.open.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self.held = b""
        began = time.perf_counter()
        self.open.sendall(request)
        head = self._until(b"\r\n\r\n").decode("latin-1")
        answer = Answer(int(head[9:12]), head, b"", 0)
        body = self._bytes(int(answer.header("Content-Length") or 0))
        took = time.perf_counter() - began
        if answer.header("Connection").lower() == "close":
            self.close()
        return Answer(answer.status, head, body, took)

    def close(self) -> None:
        """Hang up."""
        if self.open is not None:
            self.open.close()
            self.open = None

    def _until(self, mark: bytes) -> bytes:
        while mark not in self.held:
            self.held += self._more()
        found, _, self.held = self.held.partition(mark)
        return found

    def _bytes(self, amount: int) -> bytes:
        while len(self.held) < amount:
            self.held += self._more()
        found, self.held = self.held[:amount], self.held[amount:]
        return found

    def _more(self) -> bytes:
        assert self.open is not None
        got = self.open.recv(262_144)
        if not got:
            self.open = None
            raise ConnectionError("the server hung up")
        return got


def get(path: str, port: int, cookie: str = "") -> bytes:
    """A request for a page, from a host of its own."""
    return _head("GET", path, port, cookie) + b"\r\n"


def post(path: str, port: int, body: bytes, cookie: str = "") -> bytes:
    """A form as a browser sends it from our own page, from a host of its own."""
    kind = "Content-Type: application/x-www-form-urlencoded\r\nSec-Fetch-Site: same-origin\r\n"
    return _head("POST", path, port, cookie) + f"{kind}Content-Length: {len(body)}\r\n\r\n".encode() + body


@dataclass
class Flood:
    """What a flood of requests came to."""

    seconds: float
    answers: list[float] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Requests a second."""
        return len(self.answers) / self.seconds


def flood(port: int, request: Callable[[], bytes], *, wanted: int, lines: int, seconds: float) -> Flood:
    """Ask as fast as so many connections can; any other status than the wanted one is a fault."""
    until, times, faults = time.perf_counter() + seconds, list[float](), list[str]()

    def run() -> None:
        line = Line(port)
        while time.perf_counter() < until and not faults:
            answer = line.ask(request())
            times.append(answer.seconds)
            if answer.status != wanted:
                faults.append(f"{answer.status} instead of {wanted}: {answer.body[:300]!r}")
        line.close()

    began = time.perf_counter()
    together(run, lines)
    if faults:
        raise RuntimeError(faults[0])
    return Flood(time.perf_counter() - began, times)


def together(act: Callable[[], object], times: int) -> None:
    """Do the same in so many threads, and wait for all."""
    threads = [threading.Thread(target=act) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _head(method: str, path: str, port: int, cookie: str) -> bytes:
    kept = f"Cookie: {cookie}\r\n" if cookie else ""
    return f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nX-Forwarded-For: {elsewhere()}\r\n{kept}".encode()
