"""What the worker does, gathered from the rooms, and `flask work`."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from secrets import SystemRandom

import click
from flask.cli import with_appcontext
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from portal import forgetting, kinds, work
from portal.approvals import proposals
from portal.approvals.carrying import Carrying
from portal.audit import trail
from portal.audit.keeping import Keeping
from portal.cases import bulk, cancelling, cooling
from portal.cases.helpdesk import Hook
from portal.cases.reporting import Reporting
from portal.enrolment import grants
from portal.enrolment.serving import Serving
from portal.extensions import Ground, ground
from portal.gate import feed
from portal.gate import keys as gate_keys
from portal.gate.cohorts import Cohorts
from portal.identity import answering, links
from portal.incident.door import current_incident
from portal.incident.file import Incident
from portal.journey import consequences
from portal.mail.officers import Officers
from portal.mail.postboxes import Postbox, open_postboxes
from portal.mail.worker import Sending
from portal.mail.writing import Writing
from portal.reset.operating import Operating
from portal.reset.stores import lines_to, open_store
from portal.retention import Rule
from portal.work import Job, for_a_moment

# Connecting, greeting, TLS, log-in, sender, recipient, DATA and its end: each may take the relay's whole time limit.
ANSWERS_PER_LETTER = 10


def jobs(held: Ground, incident: Incident, *postboxes: Postbox) -> list[Job]:
    """Everything the worker does, what somebody waits for first; each looks by a reading before it writes."""
    database, keys, clock, settings = held.database, held.keys, held.clock, held.settings
    lease = timedelta(seconds=settings.smtp_timeout * ANSWERS_PER_LETTER)
    writing = Writing(keys, kinds.letters(incident))
    sending = Sending(database, writing, postboxes, clock, lease, settings.letters_per_second)
    store = open_store(settings, database, keys, clock)
    operating = Operating(database, keys, store, clock, incident.password_cut_off, lines_to(settings))
    serving = Serving(database, keys, incident, clock)

    within, sees = held.writing, held.reading
    bulky = sees(lambda session, _: bulk.is_any_waiting(session))
    return [
        _answer_job(held),
        Job("send", sending.step, look=sending.look),
        Job("approved", Carrying(database, clock, kinds.acts(held, incident)).step, every=2),
        Job("draw", within(_draw), every=1, look=sees(lambda session, _: consequences.is_any_left(session))),
        Job("operate", operating.step, every=1, look=operating.look),
        Job("bulk", within(partial(_bulk, held, incident)), every=2, look=bulky),
        Job("serve", serving.step, every=2, look=serving.look),
        *_mailbox_jobs(held),
        Job("watch", serving.watch, every=30),
        Job("expire", within(_expire), every=60, look=sees(lambda session, now: links.is_any_over(session, now=now))),
        *_forgetting_jobs(held),
        Job("lapse", within(_lapse), every=60, look=sees(lambda session, now: proposals.is_any_over(session, now=now))),
        *_gate_jobs(held, incident, within(lambda session, _: feed.number(session)), sees(_is_told)),
        *_trail_jobs(held, incident, sees(lambda session, _: trail.is_news(session))),
        *_helpdesk_jobs(held),
    ]


def _answer_job(held: Ground) -> Job:
    def answer(session: Session, now: datetime) -> bool:
        return answering.answer_next(session, held.keys, answer_unknown=held.settings.answer_unknown, now=now)

    # Several at a time, so that their letters can fly on several lines; each in a transaction of its own.
    step = for_a_moment(held.writing(answer))
    return Job("answer", step, look=held.reading(lambda session, _: links.is_any_waiting(session)))


def _mailbox_jobs(held: Ground) -> list[Job]:
    within, sees = held.writing, held.reading
    share = held.settings.second_reviews
    due = sees(lambda session, now: cooling.is_any_due(session, now=now))
    over = sees(lambda session, now: cancelling.is_any_over(session, now=now))

    def give(session: Session, now: datetime) -> bool:
        return cooling.apply_next(session, held.keys, grants.follow, share, SystemRandom().random, now=now)

    def end(session: Session, now: datetime) -> bool:
        return cancelling.end_the_over(session, now=now) > 0

    return [Job("readdress", within(give), every=30, look=due), Job("unclaim", within(end), every=60, look=over)]


def _helpdesk_jobs(held: Ground) -> list[Job]:
    url, secret = held.settings.helpdesk_hook, held.settings.helpdesk_secret
    if url is None or secret is None:
        return []
    reporting = Reporting(held.database, Hook(url, secret.get_secret_value()), held.clock)
    return [Job("helpdesk", reporting.step, every=2, look=reporting.look)]


def _forgetting_jobs(held: Ground) -> list[Job]:
    def forget(rule: Rule, session: Session, now: datetime) -> bool:
        return rule.step(session, now) > 0

    return [
        Job(f"forget {rule.what}", held.writing(partial(forget, rule)), every=60, look=held.reading(rule.is_any_over))
        for rule in forgetting.rules(held)
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


def _bulk(held: Ground, incident: Incident, session: Session, now: datetime) -> bool:
    return bulk.answer_some(session, held.keys, incident, now=now)


def _draw(session: Session, now: datetime) -> bool:
    return consequences.draw(session, now=now)


def _expire(session: Session, now: datetime) -> bool:
    return links.expire(session, now=now) > 0


def _is_told(session: Session, _now: datetime) -> bool:
    """Whether something changed that somebody may ask the gate for."""
    return gate_keys.any_exist(session) and feed.is_news(session)


def _lapse(session: Session, now: datetime) -> bool:
    return proposals.expire(session, now=now) > 0


@click.command("work")
@click.option("--once", is_flag=True, help="Stop when nothing is left to do; fail if something could not be done.")
@with_appcontext
def work_command(once: bool) -> None:
    """Answer requests and send letters until told to stop."""
    with suppress(SQLAlchemyError), ground().database.look():
        pass  # with tables of another version we end here; one that is only away we wait for
    failed = work.run(jobs(ground(), current_incident(), *open_postboxes(ground().settings)), once=once)
    if once and failed:
        raise click.ClickException(f"This could not be done now: {', '.join(failed)}. The log says why; run it again.")
