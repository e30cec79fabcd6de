"""A nursery of workers: it learns the portal once, then forks a worker for each line that it reads."""

import os
import signal
import sys
from datetime import UTC, datetime, timedelta

from flask import Flask

from portal import clock, create_app, jobs, work
from portal.extensions import Ground
from portal.mail import letters
from portal.mail.message import Sender
from portal.mail.postboxes import open_postbox


def serve(app: Flask) -> None:
    """Fork a worker for each line, and say its number; the line says how many seconds its clock is ahead."""
    held: Ground = app.extensions["portal"]
    _ = held.database.engine  # its driver is loaded once; each worker opens lines of its own
    _learn_to_write()
    for line in sys.stdin:
        worker = os.fork()
        if worker == 0:
            _work(app, timedelta(seconds=float(line)))
        sys.stdout.write(f"{worker}\n")
        sys.stdout.flush()


def _learn_to_write() -> None:
    said = {"link": "", "stop_link": "", "code": "", "asked_at": clock.now(), "browser": ""}
    letters.link(Sender("", "", "", "", "", ""), "en", UTC, **said)


def _work(app: Flask, ahead: timedelta) -> None:
    # So no test waits for the leases of workers that were killed before.
    def later() -> datetime:
        return clock.now() + ahead

    held: Ground = app.extensions["portal"]
    held.clock = later
    work.run(jobs.jobs(held, app.extensions["incident"], open_postbox(held.settings)))
    os._exit(0)


if __name__ == "__main__":
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody else buries the killed
    serve(create_app())
