"""A place to measure in: a folder, a database, and the processes that were started there; all gone at the end."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from portal import migrations
from portal.config import ROOT
from portal.database import Database
from portal.sealing import KeyRing
from tests.bench.wire import Line, get
from tests.servers.ground import EXAMPLE, write_keys
from tests.servers.ports import free_port
from tests.servers.postgresql import Postgresql

PAGE = os.sysconf("SC_PAGE_SIZE")
TICKS = os.sysconf("SC_CLK_TCK")
PATIENCE_SECONDS = 30
PROGRAMS = Path(sys.executable).parent
# One process and one worker each: what would restart in the middle is switched off.
GUNICORN = ("--config", "python:portal.web.server", "--max-requests", "0")


@dataclass
class Running:
    """One process that was started here."""

    handle: subprocess.Popen[str]
    port: int = 0

    def cpu(self) -> float:
        """Seconds of CPU that it and its children have used."""
        return sum(_cpu(number) for number in (self.handle.pid, *_children(self.handle.pid)))

    def memory(self) -> int:
        """Bytes that it and its children hold, what they share counted for each."""
        return sum(_memory(number) for number in (self.handle.pid, *_children(self.handle.pid)))

    def stop(self) -> None:
        """Ask it to stop, and wait."""
        if self.handle.poll() is None:
            os.killpg(self.handle.pid, signal.SIGTERM)
            try:
                self.handle.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(self.handle.pid, signal.SIGKILL)
                self.handle.wait()


@dataclass
class Place:
    """One installation: its settings, keys, database and processes."""

    folder: Path
    url: str
    keys: KeyRing
    port: int
    smtp_port: int
    said: dict[str, object] = field(default_factory=dict)
    running: list[Running] = field(default_factory=list)

    @property
    def origin(self) -> str:
        """Where its pages are."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """The settings, as its processes read them."""
        usual: dict[str, object] = {"instance": self.folder, "environment": "development", "incident": EXAMPLE}
        usual |= {"origin": self.origin, "database_url": self.url, "trusted_proxies": 1, "smtp_host": "127.0.0.1"}
        usual |= {"smtp_port": self.smtp_port, "smtp_security": "none", "smtp_timeout": 15, **self.said}
        spelled = {f"PORTAL_{name.upper()}": str(value) for name, value in usual.items()}
        return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **spelled}

    def web(self, app: str = "app:app", port: int = 0) -> Running:
        """Start a web server with the portal's own settings of gunicorn, and wait until it answers."""
        port = port or self.port
        command = (str(PROGRAMS / "gunicorn"), *GUNICORN, "--bind", f"127.0.0.1:{port}", app)
        served = self.start(*command)
        served.port = port
        self.wait_for(served)
        return served

    def wait_for(self, served: Running) -> None:
        """Until it answers."""
        _wait_for(served, self.port, self.folder / "log")

    def worker(self, *options: str) -> Running:
        """Start a worker."""
        return self.start(str(PROGRAMS / "flask"), "--app", "app", "work", *options)

    def python(self, module: str, *words: str) -> Running:
        """Start one of the bench's own programs; what it prints can be read."""
        return self.start(sys.executable, "-m", module, *words)

    def start(self, *command: str) -> Running:
        """Start a program in a process group of its own, with its complaints in a file."""
        with (self.folder / "log").open("a") as log:
            handle = subprocess.Popen(
                command,
                env=self.environment,
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,
            )
        self.running.append(Running(handle))
        return self.running[-1]


@contextmanager
def server() -> Iterator[Postgresql]:
    """A PostgreSQL of our own."""
    held = Postgresql()
    held.start()
    try:
        yield held
    finally:
        held.remove()


@contextmanager
def place(
    engine: str, postgresql: Postgresql, *, name: str = "bench", **said: object
) -> Iterator[tuple[Place, Database]]:
    """A new installation on one engine, with its tables; two at once need two names."""
    folder = Path(tempfile.mkdtemp(prefix="portal-bench-"))
    keys = KeyRing.fresh()
    write_keys(folder, keys, KeyRing.fresh())
    url = f"sqlite:///{folder / 'portal.db'}" if engine == "sqlite" else postgresql.create(name)
    made, database = Place(folder, url, keys, free_port(), free_port(), said), Database(url)
    migrations.upgrade(database)
    try:
        yield made, database
    finally:
        for process in reversed(made.running):
            process.stop()
        database.close()
        shutil.rmtree(folder)


def _wait_for(served: Running, named: int, log: Path) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until and served.handle.poll() is None:
        try:
            if Line(served.port).ask(get("/healthz", named)).status == 200:
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError(f"the server does not answer: {log.read_text()[-2000:]}")


def _cpu(number: int) -> float:
    told = Path(f"/proc/{number}/stat").read_text().rpartition(")")[2].split()
    return (int(told[11]) + int(told[12])) / TICKS


def _memory(number: int) -> int:
    return int(Path(f"/proc/{number}/statm").read_text().split()[1]) * PAGE


def _children(number: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{number}/task/{number}/children").read_text().split()]
