"""Exporting, as far as it is the same for every table: whole days that are over, a proposal, and the download."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from flask import Response, abort, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from portal.approvals import exports
from portal.approvals.exports import Count, Span
from portal.approvals.kinds import Kind
from portal.approvals.proposals import propose
from portal.approvals.refusals import AlreadyProposed
from portal.audit import trail
from portal.audit.events import Event
from portal.console.inbox import acting
from portal.console.record_forms import ExportForm
from portal.console.words import STATES
from portal.extensions import ground
from portal.members.sessions import Present
from portal.web.origins import site

FIRST_DAY = date(2000, 1, 1)  # no portal is older, and no zone reckons before the year one


@dataclass(frozen=True)
class Table:
    """One table that can be taken out: what two people agree to, its rows, and the file's name."""

    kind: Kind
    count: Count
    header: Sequence[str]
    rows: Callable[[Session, Span], Any]
    event: Event
    file: str

    def form(self, **said: object) -> ExportForm:
        """Which days, and why."""
        form = ExportForm(**said)
        form.reason.offer(self.kind.reasons)
        return form

    def propose(self, me: Present, form: ExportForm) -> ResponseReturnValue | None:
        """Propose it, if the form is good."""
        now = ground().clock()
        span = _span(form, now) if form.validate() else None
        if span is None:
            return None
        said = {"reason": form.reason.data, "note": form.note.data or ""}
        try:
            with ground().database.write() as session:
                payload = exports.payload_of(session, span, self.count)
                number = propose(session, self.kind, payload, actor=acting(me), now=now, **said).id
        except AlreadyProposed as known:
            number = known.number
        return redirect(url_for("console.inbox.one", number=number), 303)

    def take(self, me: Present, number: int) -> Response:
        """The table that two people agreed on, marked with who takes it out, and when."""
        now, actor = ground().clock(), me.member.actor
        with ground().database.write() as session:
            proposal = exports.ready(session, self.kind.name, number, now=now) or abort(404)
            told = self.rows(session, exports.span_of(proposal.payload))
            text = exports.marked(self.header, told, proposal, reader=actor, now=now)
            trail.record(session, self.event, now=now, actor=actor, subject=f"proposal {number}")
        answer = Response(text, mimetype="text/csv")
        answer.headers["Content-Disposition"] = f'attachment; filename="{self.file}-{number}.csv"'
        return answer

    def listed(self, session: Session) -> dict[str, Any]:
        """The newest exports, and which of them can be downloaded."""
        made = exports.latest(session, self.kind.name)
        open_ones = (exports.ready(session, self.kind.name, one.id, now=ground().clock()) for one in made)
        ready = {one.id for one in open_ones if one}
        return {"made": made, "ready": ready, "state_words": STATES, "reasons": self.kind.reasons}


def _span(form: ExportForm, now: datetime) -> Span | None:
    since, until = form.since.data, form.until.data
    today = now.astimezone(site().zone).date()
    if since is None or until is None or not FIRST_DAY <= since <= until < today:
        form.until.errors = [_l("Choose days that are over, the first one first.")]
        return None
    return Span(_begin(since), _begin(until + timedelta(days=1)))


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), site().zone)
