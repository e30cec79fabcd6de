"""`make demo`: the example incident on this machine, one web process and one worker, until Ctrl-C."""

import argparse
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from portal.clock import now
from portal.config import ROOT
from portal.web.memory import scrubbed

EXAMPLE = ROOT / "portal" / "incident" / "examples" / "ticketing-2018"
OURS = "# Written by `make demo`"
SETTINGS = f"""{OURS}: the example incident on this machine.
environment = "development"
origin = "{{origin}}"
console_origin = "{{console}}"
postbox = "file"
log_level = "WARNING"
"""
WELCOME = """
The portal is open: {origin}

  Type one of these addresses there:
    amara@mail.example   was affected, with two accounts
    bo@mail.example      was not affected
    emre@mail.example    was affected
    fatou@mail.example   has no account
  Read the letters here:  {origin}/dev/letters
  Walk the whole journey: .venv/bin/flask dev walk --base-url {origin}
  The staff console:      {console}/staff
    first invite yourself: .venv/bin/flask members invite Me me@mail.example --role admin

Ctrl-C stops everything.
"""


def main() -> None:
    """Prepare what is missing, start both processes, and stop them again."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--port", type=int, default=8000)
    port = options.parse_args().port
    origin = f"http://127.0.0.1:{port}"
    if _is_taken(port):
        sys.exit(f"Port {port} is in use. Choose another one: make demo PORT={port + 1}")
    environment = _environment()
    _prepare(ROOT / "instance", origin, environment)
    processes = [_web(port, environment), _start(("work",), environment)]
    try:
        _wait_for(f"{origin}/readyz", processes)
        print(WELCOME.format(origin=origin, console=_console(origin)), flush=True)  # noqa: T201
        _watch(processes)
    except KeyboardInterrupt:
        pass
    finally:
        _stop(processes)


def _environment() -> dict[str, str]:
    # Nothing of the caller's own portal may reach the demonstration.
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PORTAL_", "FLASK_"))}
    return kept | {"FLASK_APP": str(ROOT / "app.py"), "PYTHONPATH": str(ROOT)}


def _prepare(place: Path, origin: str, environment: dict[str, str]) -> None:
    place.mkdir(parents=True, exist_ok=True)
    _write_settings(place / "settings.toml", origin)
    if not (place / "incident").exists():
        shutil.copytree(EXAMPLE, place / "incident")
        _reopen_offer(place / "incident" / "incident.toml")
    if not all((place / name).exists() for name in ("keys.json", "audit-keys.json")):
        _flask(environment, "keys", "new")
    _flask(environment, "dev", "prepare")


def _reopen_offer(file: Path) -> None:
    # The story is of 2018, but the demonstration is of today.
    file.write_text(file.read_text().replace("deadline = 2018-12-31", f"deadline = {now().year + 1}-12-31"))


def _write_settings(file: Path, origin: str) -> None:
    if file.exists() and not file.read_text().startswith(OURS):
        sys.exit(f"{file} is not a demonstration's. Try the demonstration in another checkout, or move that file away.")
    file.write_text(SETTINGS.format(origin=origin, console=_console(origin)))


def _console(origin: str) -> str:
    # Another name of this machine: the console shares no host with the customers.
    return origin.replace("127.0.0.1", "localhost")


def _flask(environment: dict[str, str], *words: str) -> None:
    if subprocess.run(_command(words), env=environment, cwd=ROOT, check=False).returncode:
        sys.exit(f"“flask {' '.join(words)}” failed; its last words are above.")


def _web(port: int, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    options = ("--bind", f"127.0.0.1:{port}", "--config", "python:portal.web.server", "app:app")
    command = (sys.executable, "-m", "gunicorn", *options)
    return subprocess.Popen(command, env=scrubbed(environment), cwd=ROOT, start_new_session=True)


def _start(words: tuple[str, ...], environment: dict[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(_command(words), env=environment, cwd=ROOT, start_new_session=True)


def _command(words: tuple[str, ...]) -> tuple[str, ...]:
    return (sys.executable, "-m", "flask", *words)


def _wait_for(address: str, processes: list[subprocess.Popen[bytes]]) -> None:
    for _ in range(300):
        if any(process.poll() is not None for process in processes):
            sys.exit("A process stopped while starting; its last words are above.")
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    sys.exit("The portal did not become ready within 30 seconds.")


def _watch(processes: list[subprocess.Popen[bytes]]) -> None:
    while all(process.poll() is None for process in processes):
        time.sleep(0.5)
    sys.exit("One of the two processes stopped; its last words are above.")


def _stop(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.send_signal(signal.SIGTERM)
    for process in processes:
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()


def _is_taken(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    main()
