"""Identity systems as processes, once for all tests of a process: scim2-server, moto, the reference receiver."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from portal.config import ROOT
from tests.servers.ports import free_port
from tests.servers.waiting import until

PROGRAMS = Path(sys.executable).parent
SCIM_TOKEN = "a token for the portal"
RECEIVER_KEYS = "second-key-of-the-webhook first-key-of-the-webhook"


def line() -> requests.Session:
    """Somebody who asks, whatever proxies the machine has."""
    return _line


_line = requests.Session()
_line.trust_env = False


@contextmanager
def running(folder: Path, url: str, *command: str, **environment: str) -> Iterator[str]:
    """A program, as long as it is needed; gives the address where it answers."""
    with (folder / "log").open("wb") as log:
        said = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment}
        process = subprocess.Popen(command, stdout=log, stderr=log, env=said)
    try:
        until(lambda: _answers(url), f"{command[0]}: {(folder / 'log').read_text()}")
        yield url
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="session")
def scim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a SCIM server."""
    port = str(free_port())
    words = ("--port", port, "--bearer-token", SCIM_TOKEN)
    folder, url = tmp_path_factory.mktemp("scim"), f"http://127.0.0.1:{port}/v2"
    with running(folder, url, str(PROGRAMS / "scim2-server"), *words) as address:
        yield address


@pytest.fixture(scope="session")
def cognito(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of something that speaks as Amazon Cognito does."""
    port = str(free_port())
    command = (str(PROGRAMS / "moto_server"), "-H", "127.0.0.1", "-p", port)
    with running(tmp_path_factory.mktemp("cognito"), f"http://127.0.0.1:{port}", *command) as address:
        yield address


@pytest.fixture(scope="session")
def receiver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the reference receiver, with a log-in beside it."""
    port = str(free_port())
    command = (sys.executable, "-m", "tests.servers.receiving", port)
    folder = tmp_path_factory.mktemp("receiver")
    with running(folder, f"http://127.0.0.1:{port}", *command, RECEIVER_KEYS=RECEIVER_KEYS) as address:
        yield address


def _answers(url: str) -> bool:
    try:
        return line().get(url, timeout=2).status_code > 0
    except requests.RequestException:
        return False
