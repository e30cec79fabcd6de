"""What the worker does, gathered from the rooms, and `flask work`."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import click
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from portal import work
from portal.approvals import proposals
from portal.approvals.carrying import Act, Carrying
from portal.audit import trail
from portal.audit.keeping import Keeping
from portal.cases import correspondence as case_letters
from portal.cohort import drafts
from portal.cohort.proposals import Committing
from portal.enrolment import correspondence as enrolment_letters
from portal.enrolment import opening
from portal.enrolment.serving import Serving
from portal.extensions import Ground, ground
from portal.gate import feed
from portal.gate import keys as gate_keys
from portal.gate.cohorts import Cohorts
from portal.identity import answering, links
from portal.identity.correspondence import LinkLetter, UnknownLetter, sender_of
from portal.incident.door import current_incident
from portal.incident.file import Incident
from portal.journey import consequences
from portal.lookups import exports
from portal.mail import officers, outbox
from portal.mail.officers import Officers
from portal.mail.postboxes import Postbox, open_postbox
from portal.mail.worker import Kind, Sending
from portal.members import correspondence as member_letters
from portal.members import forgetting, recovery
from portal.reset import correspondence as reset_letters
from portal.reset import operations
from portal.reset.operating import Operating
from portal.reset.stores import open_store
from portal.work import Job

Ask = Callable[[Session, datetime], bool]
# Connecting, greeting, TLS, log-in, sender, recipient, DATA and its end: each may take the relay's whole time limit.
ANSWERS_PER_LETTER = 10


def letter_kinds(incident: Incident) -> dict[str, Kind]:
    """Who knows what about which letter."""
    return {
        answering.LINK: LinkLetter(incident),
        answering.UNKNOWN: UnknownLetter(incident),
        reset_letters.KIND: reset_letters.PasswordChanged(incident),
        enrolment_letters.KIND: enrolment_letters.CodeReadyLetter(incident),
        case_letters.KIND: case_letters.CaseAnswerLetter(incident),
        officers.KIND: officers.AnchorLetter(sender_of(incident, incident.brands[0].origin), incident.zone),
        member_letters.KIND: member_letters.InvitationLetter(sender_of(incident, ""), incident.zone),
    }


def acts(held: Ground) -> dict[str, Act]:
    """Who carries out which kind of proposal, once two people agree."""
    recovering = recovery.Recovering(held.database, held.keys, held.settings.console_origin)
    return {
        drafts.KIND: Committing(held.database),
        opening.KIND: opening.Opening(held.database),
        recovery.KIND: recovering,
        exports.KIND: exports.Exporting(held.database),
    }


def jobs(held: Ground, incident: Incident, postbox: Postbox) -> list[Job]:
    """Everything the worker does, what somebody waits for first; each looks by a reading before it writes."""
    database, keys, clock, settings = held.database, held.keys, held.clock, held.settings
    lease = timedelta(seconds=settings.smtp_timeout * ANSWERS_PER_LETTER)
    kinds = letter_kinds(incident)
    sending = Sending(database, keys, postbox, kinds, clock, lease)
    operating = Operating(database, keys, open_store(settings, database, keys), clock, incident.password_cut_off)
    serving = Serving(database, keys, incident, clock)

    within, sees = partial(_writing, held), partial(_reading, held)
    ordered = sees(lambda session, now: operations.is_any_due(session, now=now))
    forgettable = sees(lambda session, now: forgetting.is_any_over(session, now=now))
    return [
        Job("answer", within(partial(_answer, held)), look=sees(lambda session, _: links.is_any_waiting(session))),
        Job("send", sending.step, look=sees(lambda session, now: outbox.is_any_due(session, kinds, now=now))),
        Job("approved", Carrying(database, clock, acts(held)).step, every=2),
        Job("draw", within(_draw), every=1, look=sees(lambda session, _: consequences.is_any_left(session))),
        Job("operate", operating.step, every=1, look=ordered),
        Job("serve", serving.step, every=2, look=serving.look),
        Job("watch", serving.watch, every=30),
        Job("expire", within(_expire), every=60, look=sees(lambda session, now: links.is_any_over(session, now=now))),
        Job("forget", within(_forget), every=60, look=forgettable),
        Job("lapse", within(_lapse), every=60, look=sees(lambda session, now: proposals.is_any_over(session, now=now))),
        *_gate_jobs(held, incident, within(lambda session, _: feed.number(session)), sees(_is_told)),
        *_trail_jobs(held, incident, sees(lambda session, _: trail.is_news(session))),
    ]


def _gate_jobs(held: Ground, incident: Incident, number: Callable[[], bool], news: Callable[[], bool]) -> list[Job]:
    cohorts = Cohorts(held.database, held.keys, incident, held.clock)
    return [
        Job("number", number, every=1, look=news),
        # It reads all who must reset, so not with each of them.
        Job("cohorts", cohorts.step, every=60, look=cohorts.look),
    ]


def _trail_jobs(held: Ground, incident: Incident, news: Callable[[], bool]) -> list[Job]:
    settings, origin = held.settings, incident.brands[0].origin
    keeping = Keeping(held.database, held.audit_keys, settings.within(settings.anchors), held.clock)
    addresses, locale = settings.officer_addresses, incident.locales[0]
    telling = Officers(held.database, held.keys, addresses, origin, locale, keeping.last, held.clock)
    return [
        # Once a second, however much happens: a transaction for each event would halve the letters.
        Job("seal", keeping.seal, every=1, look=news),
        Job("anchor", keeping.anchor, every=60),
        Job("officers", telling.step, every=60),
    ]


def _writing(held: Ground, act: Ask) -> Callable[[], bool]:
    def step() -> bool:
        with held.database.write() as session:
            return act(session, held.clock())

    return step


def _reading(held: Ground, ask: Ask) -> Callable[[], bool]:
    def look() -> bool:
        with held.database.read() as session:
            return ask(session, held.clock())

    return look


def _draw(session: Session, now: datetime) -> bool:
    return consequences.draw(session, now=now)


def _expire(session: Session, now: datetime) -> bool:
    return links.expire(session, now=now) > 0


def _is_told(session: Session, _now: datetime) -> bool:
    """Whether something changed that somebody may ask the gate for."""
    return gate_keys.any_exist(session) and feed.is_news(session)


def _forget(session: Session, now: datetime) -> bool:
    return forgetting.forget(session, now=now)


def _lapse(session: Session, now: datetime) -> bool:
    return proposals.expire(session, now=now) > 0


def _answer(held: Ground, session: Session, now: datetime) -> bool:
    return answering.answer_next(session, held.keys, answer_unknown=held.settings.answer_unknown, now=now)


@click.command("work")
@click.option("--once", is_flag=True, help="Stop when nothing is left to do.")
@with_appcontext
def work_command(once: bool) -> None:
    """Answer requests and send letters until told to stop."""
    incident = current_incident()
    work.run(jobs(ground(), incident, open_postbox(ground().settings)), once=once)
