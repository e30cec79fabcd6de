"""HTTP by hand: bytes out and bytes in, for what no polite client would send."""

import re
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from urllib.parse import urlencode

OWN = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
FORM = "application/x-www-form-urlencoded"
STRANGERS = count(1)
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@dataclass(frozen=True)
class Told:
    """What came back, byte for byte."""

    head: bytes
    body: bytes

    @property
    def status(self) -> int:
        """The status."""
        return int(self.head[9:12])

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()

    @property
    def headers(self) -> list[tuple[str, str]]:
        """Name and value of each header, in order."""
        lines = self.head.decode("latin-1").split("\r\n")[1:]
        return [(name, value.strip()) for name, _, value in (line.partition(":") for line in lines)]

    def all(self, name: str) -> list[str]:
        """Every value of a header."""
        return [value for held, value in self.headers if held.lower() == name.lower()]

    def first(self, name: str) -> str:
        """The header's value, or an empty text."""
        return next(iter(self.all(name)), "")


class Line:
    """One connection to this machine, kept open."""

    def __init__(self, port: int, *, seconds: float = 60) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=seconds)
        self.heard = b""

    def __enter__(self) -> "Line":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, raw: bytes) -> None:
        """Say it; does not wait for an answer."""
        self.socket.sendall(raw)

    def hush(self) -> None:
        """Say that nothing more will come."""
        self.socket.shutdown(socket.SHUT_WR)

    def answer(self) -> Told:
        """The next answer; raises ConnectionError where the line ends without one."""
        while b"\r\n\r\n" not in self.heard:
            if not self._listen():
                raise ConnectionError("no answer")
        head, _, self.heard = self.heard.partition(b"\r\n\r\n")
        found = LENGTH.search(head)
        # Without a length, the end of the line is the end; but nothing follows on 100 and 204.
        length = int(found[1]) if found else 0 if head[9:12] in (b"100", b"204") else 1 << 30
        while len(self.heard) < length and self._listen():
            pass
        body, self.heard = self.heard[:length], self.heard[length:]
        return Told(head, body)

    def _listen(self) -> bool:
        more = self.socket.recv(1 << 16)
        self.heard += more
        return bool(more)


def ask(port: int, raw: bytes, *, seconds: float = 60) -> Told:
    """One exchange on a line of its own."""
    with Line(port, seconds=seconds) as line:
        line.send(raw)
        return line.answer()


def get(port: int, path: str = "/", **headers: str) -> bytes:
    """A request for a page."""
    return _spelled("GET", port, path, headers)


def post(port: int, path: str, fields: Mapping[str, str], **headers: str) -> bytes:
    """A form, as a browser sends it from our own page."""
    return sent(port, path, urlencode(fields).encode(), **headers)


def sent(port: int, path: str, body: bytes, **headers: str) -> bytes:
    """Any body, as a browser would send a form from our own page."""
    told = {**{name.replace("-", "_"): value for name, value in OWN.items()}, "Content_Type": FORM, **headers}
    return _spelled("POST", port, path, told | {"Content_Length": str(len(body))}) + body


def stranger() -> str:
    """An address that nobody came from before; behind a proxy of ours, everyone has limits of his own."""
    number = next(STRANGERS)
    return f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"


def _spelled(method: str, port: int, path: str, headers: Mapping[str, str]) -> bytes:
    told = {"Host": f"127.0.0.1:{port}", "X-Forwarded-For": stranger()}
    told |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"{method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in told.items())]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8")
