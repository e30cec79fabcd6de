"""The portal as real processes over real sockets, which can be killed at any moment."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests

from portal.config import ROOT
from portal.database import Database
from portal.sealing import KeyRing
from portal.web.memory import scrubbed
from tests.letters import Mailbag
from tests.servers.certificates import Certificates
from tests.servers.databases import url_of
from tests.servers.ground import EXAMPLE, write_keys
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

    command: list[str]
    environment: dict[str, str]
    log_file: Path
    handle: subprocess.Popen[bytes] | None = None

    def start(self) -> "Process":
        """Start; does not wait until it is ready."""
        with self.log_file.open("ab") as log:
            self.handle = subprocess.Popen(
                self.command, env=self.environment, cwd=ROOT, stdout=log, stderr=log, start_new_session=True
            )
        return self

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
        if self.handle is None:
            return
        if self.handle.poll() is None:
            os.killpg(self.handle.pid, how)
            self.handle.wait(PATIENCE_SECONDS)
        self.handle = None


@dataclass
class Installation:
    """An instance folder and the environment of its processes."""

    instance: Path
    environment: dict[str, str]
    port: int
    certificates: Certificates | None = None
    processes: list[Process] = field(default_factory=list)

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
        return subprocess.run(
            self._flask(*words), env=self.environment, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
        )

    def start_command(self, *words: str) -> Process:
        """Start one of the portal's commands without waiting."""
        return self._start("command", *self._flask(*words))

    def stop(self) -> None:
        """Stop everything that was started here."""
        for process in self.processes:
            process.kill()

    def _start(self, name: str, *command: str) -> Process:
        log_file = self.instance / f"{name}-{len(self.processes)}.log"
        process = Process(list(command), self.environment, log_file)
        self.processes.append(process)
        return process.start()

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
    """A maker of installations over this test's database, keys and relay; `tls` speaks https, the rest are settings."""
    made: list[Installation] = []

    def make(*, tls: bool = False, **said: object) -> Installation:
        folder = tmp_path / f"installation-{len(made)}"
        shown = certificates if tls else None
        made.append(prepare(folder, url_of(database), keys, relay, shown, audit_keys, **said))
        return made[-1]

    yield make
    for installation in made:
        installation.stop()
