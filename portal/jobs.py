"""What the worker does, gathered from the rooms, and `flask work`."""

from datetime import timedelta

import click
from flask.cli import with_appcontext

from portal import work
from portal.audit import trail
from portal.enrolment.correspondence import KIND, CodeReadyLetter
from portal.enrolment.serving import Serving
from portal.extensions import Ground, ground
from portal.identity import answering, links
from portal.identity.correspondence import LinkLetter, UnknownLetter
from portal.incident.door import current_incident
from portal.incident.file import Incident
from portal.mail.postboxes import Postbox, open_postbox
from portal.mail.worker import Kind, Sending
from portal.work import Job

# Connecting, greeting, TLS, log-in, sender, recipient, DATA and its end: each may take the relay's whole time limit.
ANSWERS_PER_LETTER = 10


def letter_kinds(incident: Incident) -> dict[str, Kind]:
    """Who knows what about which letter."""
    return {
        answering.LINK: LinkLetter(incident),
        answering.UNKNOWN: UnknownLetter(incident),
        KIND: CodeReadyLetter(incident),
    }


def jobs(held: Ground, incident: Incident, postbox: Postbox) -> list[Job]:
    """Everything the worker does, what somebody waits for first."""
    lease = timedelta(seconds=held.settings.smtp_timeout * ANSWERS_PER_LETTER)
    sending = Sending(held.database, held.keys, postbox, letter_kinds(incident), held.clock, lease)
    serving = Serving(held.database, held.keys, incident, held.clock)

    def answer() -> bool:
        with held.database.write() as session:
            told = held.settings.answer_unknown
            return answering.answer_next(session, held.keys, answer_unknown=told, now=held.clock())

    def seal() -> bool:
        with held.database.write() as session:
            return trail.seal(session, held.keys) > 0

    def expire() -> bool:
        with held.database.write() as session:
            links.expire(session, now=held.clock())
        return False

    return [
        Job("answer", answer),
        Job("send", sending.step),
        Job("serve", serving.step, every=2),
        Job("watch", serving.watch, every=30),
        Job("seal", seal, every=5),
        Job("expire", expire, every=60),
    ]


@click.command("work")
@click.option("--once", is_flag=True, help="Stop when nothing is left to do.")
@with_appcontext
def work_command(once: bool) -> None:
    """Answer requests and send letters until told to stop."""
    incident = current_incident()
    work.run(jobs(ground(), incident, open_postbox(ground().settings)), once=once)
