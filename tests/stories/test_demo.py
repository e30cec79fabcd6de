"""`make demo` as its user meets it: it opens, is walked to its end, stops, and picks up where it was."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.config import ROOT
from tests.servers.ports import free_port
from tests.servers.waiting import until

NEEDED = ("app.py", "portal", "templates", "static")
OPENING_SECONDS = 100


class Checkout:
    """A checkout of its own, and the demonstration in it."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.port = folder, free_port()
        self.environment = {"PATH": os.environ["PATH"], "FLASK_APP": "app.py", "HOME": str(folder)}
        self.handle: subprocess.Popen[bytes] | None = None
        self.log = folder / "demo.log"
        for name in NEEDED:
            whole = ROOT / name
            if whole.is_dir():
                shutil.copytree(whole, folder / name)
            else:
                shutil.copyfile(whole, folder / name)

    @property
    def origin(self) -> str:
        """Where it opens."""
        return f"http://127.0.0.1:{self.port}"

    def open(self) -> list[int]:
        """Start it and wait until it says that it is open; returns the processes that it started."""
        command = [sys.executable, "-m", "portal.dev.demo", "--port", str(self.port)]
        with self.log.open("wb") as log:
            self.handle = subprocess.Popen(command, cwd=self.folder, env=self.environment, stdout=log, stderr=log)
        handle = self.handle
        said = f"The portal is open: {self.origin}"
        until(lambda: said in self.log.read_text() or handle.poll() is not None, "it opens", seconds=OPENING_SECONDS)
        assert handle.poll() is None, self.log.read_text()
        return _descendants(handle.pid)

    def interrupt(self, how: signal.Signals = signal.SIGINT) -> int:
        """Press Ctrl-C, or tell it otherwise; returns how it ended."""
        assert self.handle is not None
        self.handle.send_signal(how)
        return self.handle.wait(30)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run one command of the checkout to its end."""
        command = [sys.executable, "-m", *words]
        return subprocess.run(
            command, cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=60, check=False
        )

    def walk(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Walk a customer through it."""
        return self.run("flask", "dev", "walk", "--base-url", self.origin, *words)


@pytest.fixture
def checkout(tmp_path: Path) -> Iterator[Checkout]:
    """The checkout; whatever happens, nothing of it goes on running."""
    made = Checkout(tmp_path)
    yield made
    if made.handle and made.handle.poll() is None:
        made.interrupt()


@pytest.mark.timeout(300)
def test_the_demonstration_opens_is_walked_stops_and_picks_up_where_it_was(checkout: Checkout) -> None:
    started = checkout.open()
    assert len(started) >= 2
    first = checkout.walk()
    assert "The walk ended well" in first.stdout, first.stdout + first.stderr + checkout.log.read_text()
    keys = (checkout.folder / "instance" / "keys.json").read_bytes()
    in_the_way = checkout.run("portal.dev.demo", "--port", str(checkout.port))
    assert (in_the_way.returncode, "in use" in in_the_way.stderr) == (1, True)
    assert checkout.interrupt() == 0
    assert [number for number in started if Path(f"/proc/{number}").exists()] == []
    started = checkout.open()
    assert (checkout.folder / "instance" / "keys.json").read_bytes() == keys
    assert "2,004" not in checkout.log.read_text(), "the list was loaded a second time"
    again = checkout.walk("--address", "emre@mail.example")  # one mailbox gets one letter a minute
    assert again.returncode == 0, again.stdout + again.stderr + checkout.log.read_text()
    _is_told_of_surprises(checkout)
    assert checkout.interrupt(signal.SIGHUP) == 0
    assert [number for number in started if Path(f"/proc/{number}").exists()] == []
    nobody = checkout.walk()
    assert (nobody.returncode, "Does the portal run there?" in nobody.stderr) == (1, True), nobody.stderr


def _is_told_of_surprises(checkout: Checkout) -> None:
    stranger = checkout.walk("--address", "fatou@mail.example")
    assert (stranger.returncode, "holds no link" in stranger.stderr) == (1, True), stranger.stderr


def _descendants(number: int) -> list[int]:
    children = Path(f"/proc/{number}/task/{number}/children").read_text().split()
    return [one for child in map(int, children) for one in (child, *_descendants(child))]
