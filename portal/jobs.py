"""What the worker does, gathered from the rooms, and `flask work`."""

from collections.abc import Callable
from datetime import datetime, timedelta

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from portal import work
from portal.approvals import proposals
from portal.approvals.carrying import Act, Carrying
from portal.audit import trail
from portal.cohort import drafts
from portal.cohort.proposals import Committing
from portal.enrolment import correspondence as enrolment_letters
from portal.enrolment import opening
from portal.enrolment.serving import Serving
from portal.extensions import Ground, ground
from portal.identity import answering, links
from portal.identity.correspondence import LinkLetter, UnknownLetter, sender_of
from portal.incident.door import current_incident
from portal.incident.file import Incident
from portal.journey import consequences
from portal.mail.postboxes import Postbox, open_postbox
from portal.mail.worker import Kind, Sending
from portal.members import challenges, recovery
from portal.members import correspondence as member_letters
from portal.reset import correspondence as reset_letters
from portal.reset.operating import Operating
from portal.reset.stores import open_store
from portal.work import Job

# Connecting, greeting, TLS, log-in, sender, recipient, DATA and its end: each may take the relay's whole time limit.
ANSWERS_PER_LETTER = 10


def letter_kinds(incident: Incident) -> dict[str, Kind]:
    """Who knows what about which letter."""
    return {
        answering.LINK: LinkLetter(incident),
        answering.UNKNOWN: UnknownLetter(incident),
        reset_letters.KIND: reset_letters.PasswordChanged(incident),
        enrolment_letters.KIND: enrolment_letters.CodeReadyLetter(incident),
        member_letters.KIND: member_letters.InvitationLetter(sender_of(incident, ""), incident.zone),
    }


def acts(held: Ground) -> dict[str, Act]:
    """Who carries out which kind of proposal, once two people agree."""
    recovering = recovery.Recovering(held.database, held.keys, held.settings.console_origin)
    return {
        drafts.KIND: Committing(held.database),
        opening.KIND: opening.Opening(held.database),
        recovery.KIND: recovering,
    }


def jobs(held: Ground, incident: Incident, postbox: Postbox) -> list[Job]:
    """Everything the worker does, what somebody waits for first."""
    database, keys, clock, settings = held.database, held.keys, held.clock, held.settings
    lease = timedelta(seconds=settings.smtp_timeout * ANSWERS_PER_LETTER)
    sending = Sending(database, keys, postbox, letter_kinds(incident), clock, lease)
    operating = Operating(database, keys, open_store(settings, database, keys), clock, incident.password_cut_off)
    serving = Serving(database, keys, incident, clock)

    def within(act: Callable[[Session, datetime], bool]) -> Callable[[], bool]:
        def step() -> bool:
            with database.write() as session:
                return act(session, clock())

        return step

    return [
        Job("answer", within(lambda session, now: _answer(session, held, now))),
        Job("send", sending.step),
        Job("approved", Carrying(database, clock, acts(held)).step, every=2),
        Job("draw", within(lambda session, now: consequences.draw(session, now=now)), every=1),
        Job("operate", operating.step, every=1),
        Job("serve", serving.step, every=2),
        Job("watch", serving.watch, every=30),
        Job("seal", within(lambda session, _: trail.seal(session, held.keys) > 0), every=5),
        Job("expire", within(lambda session, now: links.expire(session, now=now) > 0), every=60),
        Job("forget", within(lambda session, now: challenges.expire(session, now=now)), every=60),
        Job("lapse", within(lambda session, now: proposals.expire(session, now=now) > 0), every=60),
    ]


def _answer(session: Session, held: Ground, now: datetime) -> bool:
    return answering.answer_next(session, held.keys, answer_unknown=held.settings.answer_unknown, now=now)


@click.command("work")
@click.option("--once", is_flag=True, help="Stop when nothing is left to do.")
@with_appcontext
def work_command(once: bool) -> None:
    """Answer requests and send letters until told to stop."""
    incident = current_incident()
    work.run(jobs(ground(), incident, open_postbox(ground().settings)), once=once)
