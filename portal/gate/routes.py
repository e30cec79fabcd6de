"""The gate's addresses: how an account stands, what changed, and what the company's log-in has to tell."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Response, current_app, jsonify, request
from flask.blueprints import BlueprintSetupState
from flask_openapi3.blueprint import APIBlueprint
from pydantic import BaseModel, ValidationError

from portal.extensions import ground, limiter, no_more_than
from portal.gate import standing, words
from portal.gate.access import KNOWN, holder, holder_key, let_in, opened_by
from portal.gate.clearing import Overtaken
from portal.gate.cursors import CursorRefused
from portal.gate.description import EVERYWHERE, SCHEME, describe, problems
from portal.gate.keys import Scope
from portal.gate.ledgers import Accounts, Ledger, Sandbox
from portal.gate.shapes import Account, Answer, Answers, Changes, Done, Many, Named, Show, Since
from portal.gate.standing import Standing, State
from portal.incident.door import current_incident
from portal.limits import COHORTS_PER_KEY
from portal.web.caching import ASK_FIRST
from portal.web.locales import spoken_locale
from portal.web.problems import problem

FILE = "application/vnd.breach-cohort"

door = APIBlueprint(
    "gate", __name__, url_prefix="/gate/v1", abp_responses=problems(*EVERYWHERE), abp_security=[{SCHEME: []}]
)
door.before_request(let_in)
# A log-in asks for everybody from one address, so its key is counted instead.
limiter.spare(door)


@door.get("/accounts/<path:ref>", merge_slashes=False, responses={200: Answer}, operation_id="account")
@opened_by(Scope.READ)
def account(path: Named) -> Response:
    """How one account stands; one that nobody knows is not listed."""
    return _answer(path.ref, _standing([path.ref])[path.ref])


@door.post("/accounts:batch", responses={200: Answers}, operation_id="accounts")
@opened_by(Scope.READ)
def batch(body: Many) -> Response:
    """How many accounts stand; also for references that no log may hold, or that begin with a slash."""
    stands = _standing(body.refs)
    return _json(Answers(accounts=[_account(one, stands[one]) for one in body.refs], show=_show()))


@door.get("/changes", responses={200: Changes, **problems(410)}, operation_id="changes")
@opened_by(Scope.CHANGES)
def changes(query: Since) -> Response:
    """Which accounts changed; whoever follows the cursors misses none, and hears of each within seconds."""
    try:
        with _ledger() as ledger:
            page = ledger.changes(query.after, query.limit)
    except CursorRefused:
        return problem(410, "This cursor is of no use here; begin again without one.")
    told = [_account(*named) for named in page.accounts]
    return _json(Changes(changes=told, cursor=page.cursor, more=page.more))


@door.post(
    "/accounts/<path:ref>/cleared",
    merge_slashes=False,
    responses={200: Answer, **problems(409)},
    operation_id="cleared",
)
@opened_by(Scope.CLEAR)
def cleared(path: Named, body: Done) -> Response:
    """Tell that the account has a new password, set at the company; as often as you like."""
    try:
        with _ledger(acts=True) as ledger:
            stands = ledger.clear(path.ref, body.epoch, now=ground().clock())
    except Overtaken as refusal:
        return problem(409, "The account has changed since; look at it again.", epoch=refusal.stands.epoch)
    return _answer(path.ref, stands)


@door.get("/cohort", responses={200: {"content": {FILE: {}}}, 304: None, **problems(503)}, operation_id="cohort")
@limiter.limit(no_more_than(COHORTS_PER_KEY), key_func=holder_key, deduct_when=lambda answer: answer.status_code == 200)
@opened_by(Scope.COHORT)
def cohort() -> Response:
    """The signed cohort file, for when we are away: bring the ETag of yours in If-None-Match."""
    with _ledger() as ledger:
        file = ledger.cohort(request.if_none_match)
    if file is None:
        return problem(503, "The file is being made; try again in a minute.")
    answer = Response(file.content or b"", 304 if file.content is None else 200, content_type=FILE)
    answer.set_etag(file.digest)
    answer.headers["Cache-Control"], answer.headers["Vary"] = ASK_FIRST, "Authorization"
    return answer


@door.get("/openapi.json", doc_ui=False)
@opened_by(*Scope)
def openapi() -> Response:
    """This description."""
    if "gate" not in current_app.extensions:
        current_app.extensions["gate"] = describe(door)
    return jsonify(current_app.extensions["gate"])


def _standing(references: Collection[str]) -> dict[str, Standing]:
    held, who = ground(), holder()
    if who.sandbox:
        return _sandbox().of(references)
    with held.database.look() as line:
        return standing.of_references(line, held.keys, who.brand, references)


def _sandbox() -> Sandbox:
    return Sandbox(ground().keys, current_incident(), holder().brand)


@contextmanager
def _ledger(*, acts: bool = False) -> Iterator[Ledger]:
    held, who = ground(), holder()
    if who.sandbox:
        yield _sandbox()
        return
    with held.database.write() if acts else held.database.read() as session:
        yield Accounts(session, held.keys, who)


def _account(reference: str, stands: Standing) -> Account:
    return Account(ref=reference, state=stands.state, epoch=stands.epoch, since=stands.since)


def _show() -> Show:
    locale = spoken_locale()
    address = words.address(current_incident(), holder().brand, locale)
    return Show(language=locale.replace("_", "-"), text=words.text(locale), address=address)


def _answer(reference: str, stands: Standing) -> Response:
    show = _show() if stands.state == State.MUST_RESET else None
    return _json(Answer(ref=reference, state=stands.state, epoch=stands.epoch, since=stands.since, show=show))


def _json(told: BaseModel) -> Response:
    return Response(told.model_dump_json(), content_type="application/json")


def _unfit(error: ValidationError) -> Response:
    """What is wrong with a request, place by place, without repeating what was sent."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    faults: list[Any] = [{"at": "/".join(map(str, one["loc"])), "fault": one["msg"]} for one in found]
    return problem(422, "Something in the request is not as it should be.", faults=faults)


@door.record
def _furnish(state: BlueprintSetupState) -> None:
    state.app.validation_error_callback = _unfit  # type: ignore[attr-defined]
    state.app.extensions[KNOWN] = {}
