"""A crowd: many browsers with open connections, who press a button in the same moment."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import cycle

from tests.luck.wire import Line, Told, post
from tests.servers.processes import Installation

AT_ONCE = 64

# What somebody sends to `/v`, and the asking cookie of the browser that sends it.
Press = tuple[dict[str, str], str]


@dataclass
class Crowd:
    """So many people, each of them at an address of their own, behind one proxy of ours."""

    port: int
    lines: list[Line]

    def press(self, *pressed: Press) -> list[Told]:
        """The same form from everybody; of several forms the people send one after the other in turn."""
        return self.send([self._form(*press) for press, _ in zip(cycle(pressed), self.lines, strict=False)])

    def send(self, requests: Sequence[bytes]) -> list[Told]:
        """One request from each, all of them sent before the first answer is read."""
        for line, request in zip(self.lines, requests, strict=True):
            line.send(request)
        return [line.answer() for line in self.lines]

    def _form(self, fields: dict[str, str], cookie: str) -> bytes:
        return post(self.port, "/v", fields, Cookie=f"rq={cookie}")


@contextmanager
def gathered(installation: Installation, *, size: int = AT_ONCE) -> Iterator[Crowd]:
    """A crowd before the web processes of an installation that runs."""
    with ExitStack() as opened:
        lines = [opened.enter_context(Line(installation.port)) for _ in range(size)]
        yield Crowd(installation.port, lines)
