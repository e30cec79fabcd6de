"""The portal as real processes over real sockets, which can be killed at any moment."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
import requests

from portal.database import Database
from portal.sealing import KeyRing
from portal.web.memory import scrubbed
from tests.letters import Mailbag
from tests.servers.certificates import Certificates
from tests.servers.databases import url_of
from tests.servers.ground import EXAMPLE, write_keys
from tests.servers.nursery import AHEAD, Child, cold, forked
from tests.servers.ports import free_port
from tests.servers.relay import Relay
from tests.servers.waiting import until
from tests.visitor import OverTheWire, Visitor

PROGRAMS = Path(sys.executable).parent
PATIENCE_SECONDS = 20
SERVED = ("--config", "python:portal.web.server")


@dataclass
class Process:
    """One program in a process group of its own, with its log in a file."""

    log_file: Path
    handle: Child

    def kill(self) -> None:
        """kill -9 of the program and of all that it started."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to stop, and wait."""
        self._end(signal.SIGTERM)

    def log(self) -> str:
        """Everything that it has said so far."""
        return self.log_file.read_text()

    def _end(self, how: signal.Signals) -> None:
        if self.handle.poll() is None:
            try:
                os.killpg(self.handle.pid, how)
            except ProcessLookupError:  # newly born, it does not lead its group yet
                self.handle.send_signal(how)
            self.handle.wait(PATIENCE_SECONDS)


@dataclass
class Installation:
    """An instance folder and the environment of its processes."""

    instance: Path
    environment: dict[str, str]
    port: int
    certificates: Certificates | None = None
    processes: list[Process] = field(default_factory=list)
    start: Callable[..., Child] = forked
    numbers: Iterator[int] = field(default_factory=count)

    @property
    def origin(self) -> str:
        """Where its pages are."""
        return self.environment["PORTAL_ORIGIN"]

    def visitor(self, mailbag: Mailbag) -> Visitor:
        """Somebody at a browser of their own, who trusts our certificate."""
        browser = OverTheWire(self.origin)
        browser.session.verify = str(self.certificates.authority) if self.certificates else True
        return Visitor(browser, mailbag)

    def web(self, *words: str, threads: int = 16, ready: bool = True) -> Process:
        """Start one web process, served as in production; waits until it answers. More words go to gunicorn."""
        bind = ["--bind", f"127.0.0.1:{self.port}", "--threads", str(threads), *words]
        if self.certificates:
            bind += ["--certfile", str(self.certificates.chain), "--keyfile", str(self.certificates.key)]
        process = self._start("web", str(PROGRAMS / "gunicorn"), *SERVED, *bind, "app:app")
        if ready:
            until(self._answers, f"the web process: {process.log()}", seconds=PATIENCE_SECONDS)
        return process

    def worker(self) -> Process:
        """Start one worker."""
        return self._start("worker", *self._flask("work"))

    def flask(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run one of the portal's commands to its end."""
        command, number = self._flask(*words), next(self.numbers)
        out, err = (self.instance / f"{number}.{name}" for name in ("out", "err"))
        code = self.start(command, self.environment, out, err).wait(60)
        return subprocess.CompletedProcess(command, code, out.read_text(), err.read_text())

    def start_command(self, *words: str) -> Process:
        """Start one of the portal's commands without waiting."""
        return self._start("command", *self._flask(*words))

    def move_clock(self, spell: timedelta) -> None:
        """Let every process that starts from now on live so much later than those before."""
        sofar = float(self.environment.get(AHEAD, 0))
        self.environment[AHEAD] = str(sofar + spell.total_seconds())

    def stop(self) -> None:
        """Stop everything that was started here."""
        for process in self.processes:
            process.kill()

    def _start(self, name: str, *command: str) -> Process:
        log_file = self.instance / f"{name}-{len(self.processes)}.log"
        self.processes.append(Process(log_file, self.start(command, self.environment, log_file, log_file)))
        return self.processes[-1]

    def _flask(self, *words: str) -> list[str]:
        return [str(PROGRAMS / "flask"), "--app", "app", *words]

    def _answers(self) -> bool:
        try:
            trusted = str(self.certificates.authority) if self.certificates else True
            return requests.get(f"{self.origin}/healthz", timeout=2, verify=trusted).ok
        except requests.RequestException:
            return False


def prepare(
    instance: Path,
    database_url: str,
    keys: KeyRing,
    relay: Relay,
    certificates: Certificates | None,
    audit_keys: KeyRing | None = None,
    **said: object,
) -> Installation:
    """An installation in a new folder; with certificates it speaks https, the rest are settings."""
    port = free_port()
    instance.mkdir()
    write_keys(instance, keys, audit_keys or KeyRing.fresh())
    usual: dict[str, object] = {"instance": instance, "environment": "development", "incident": EXAMPLE}
    usual |= {"origin": f"https://localhost:{port}" if certificates else f"http://127.0.0.1:{port}"}
    usual |= {"database_url": database_url, "postbox": "smtp", "smtp_host": "127.0.0.1"}
    usual |= {"smtp_port": relay.port, "smtp_security": "none", "smtp_timeout": 3}
    spelled = {f"PORTAL_{name.upper()}": str(value) for name, value in {**usual, **said}.items()}
    return Installation(instance, scrubbed({"PATH": os.environ["PATH"], **spelled}), port, certificates)


Install = Callable[..., Installation]


@pytest.fixture
def install(
    tmp_path: Path,
    database: Database,
    keys: KeyRing,
    audit_keys: KeyRing,
    relay: Relay,
    certificates: Certificates,
) -> Iterator[Install]:
    """A maker of installations over this test's database, keys and relay; `tls` speaks https, the rest are settings.

    Without `warm` each process starts as anybody would start it, and scrubs what it frees.
    """
    made: list[Installation] = []

    def make(*, tls: bool = False, warm: bool = True, **said: object) -> Installation:
        folder = tmp_path / f"installation-{len(made)}"
        shown = certificates if tls else None
        made.append(prepare(folder, url_of(database), keys, relay, shown, audit_keys, **said))
        made[-1].start = forked if warm else cold
        return made[-1]

    yield make
    for installation in made:
        installation.stop()
