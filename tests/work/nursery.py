"""A nursery of workers: it makes the application once, then forks a worker for each word that it is told."""

import os
import signal
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from multiprocessing.connection import Connection

from flask import Flask

from portal import clock, create_app, jobs, work
from portal.extensions import Ground
from portal.mail import letters
from portal.mail.message import Sender
from portal.mail.postboxes import open_postboxes


def serve(line: Connection, environment: dict[str, str], log: str) -> None:
    """Fork a worker for each word, and say its number; the word says how many seconds its clock is ahead."""
    os.environ.clear()
    os.environ.update(environment)
    os.dup2(os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT), 2)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody else buries the killed
    app = create_app()
    held: Ground = app.extensions["portal"]
    _ = held.database.engine  # its driver is loaded once; each worker opens lines of its own
    _learn_to_write()
    with suppress(EOFError):
        while True:
            ahead = timedelta(seconds=line.recv())
            worker = os.fork()
            if worker == 0:
                _work(app, ahead)
            line.send(worker)


def _learn_to_write() -> None:
    said = {"link": "", "stop_link": "", "code": "", "asked_at": clock.now(), "browser": ""}
    letters.link(Sender("", "", "", "", "", ""), "en", UTC, **said)


def _work(app: Flask, ahead: timedelta) -> None:
    # So no test waits for the leases of workers that were killed before.
    def later() -> datetime:
        return clock.now() + ahead

    held: Ground = app.extensions["portal"]
    held.clock = later
    work.run(jobs.jobs(held, app.extensions["incident"], *open_postboxes(held.settings)))
    os._exit(0)
