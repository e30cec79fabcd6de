"""Access: the gate answers to its keys only, and to each for what it is good for."""

from collections.abc import Callable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NoReturn, TypeVar, cast

from flask import Response, abort, current_app, g, request
from limits import parse

from portal.extensions import ground, limiter, no_more_than
from portal.gate import keys
from portal.gate.keys import Holder, Scope
from portal.incident.door import current_incident
from portal.limits import QUESTIONS_PER_KEY, STRANGERS_PER_HOST
from portal.networks import client_host
from portal.web.fetch_metadata import SAFE_METHODS, post_class
from portal.web.problems import problem

V = TypeVar("V", bound=Callable[..., Response])
KNOWN = "gate keys"
KNOWN_FOR = timedelta(seconds=5)  # how long a process believes in a key before it looks again whether it was ended
MOST_KNOWN = 1000
COUNTED, MOST = "gate keys", parse(str(QUESTIONS_PER_KEY))


def opened_by(*scopes: Scope) -> Callable[[V], V]:
    """Say which scopes open a view, any of them."""

    def mark(view: V) -> V:
        view.scopes = frozenset(scopes)  # type: ignore[attr-defined]
        return cast(V, post_class("gate")(view))

    return mark


def let_in() -> None:
    """Before every view of the gate: who holds the key, and is it good for this; refuses what is no JSON."""
    g.holder = _holder()
    if not _is_within_limit():
        abort(429)
    view = current_app.view_functions.get(request.endpoint or "")
    wanted: frozenset[str] = getattr(view, "scopes", frozenset())
    if not wanted & g.holder.scopes:
        abort(_refused(403, "This key is not good for that.", "insufficient_scope"))
    if request.method not in SAFE_METHODS:
        _read()


def holder() -> Holder:
    """Who asks."""
    return cast(Holder, g.holder)


def holder_key() -> str:
    """What the questions of a key are counted by."""
    return str(holder().id)


def _holder() -> Holder:
    known, now = current_app.extensions[KNOWN], ground().clock()
    name = sha256(request.headers.get("Authorization", "").encode()).digest()
    found: Holder | None
    found, until = known.get(name, (None, now))
    if found is None or until <= now:
        known.pop(name, None)
        found = _looked_up(now)
        if len(known) < MOST_KNOWN:
            known[name] = found, min(now + KNOWN_FOR, found.ends_at or now + KNOWN_FOR)
    return found


def _looked_up(now: datetime) -> Holder:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    held, found = ground(), None
    if scheme.lower() == "bearer":
        with held.database.read() as session:
            found = keys.find(session, held.keys, given.strip(), now=now)
    if found is None or found.brand not in {brand.id for brand in current_incident().brands}:
        _turn_away()
    return found


def _is_within_limit() -> bool:
    # Only good keys are counted, or whoever makes keys up would fill the counter.
    try:
        return limiter.limiter.hit(MOST, holder_key(), COUNTED)
    except Exception:  # whatever the counter's own driver raises; the slow way knows how to do without it
        return _is_counted_elsewhere()


@limiter.shared_limit(str(QUESTIONS_PER_KEY), scope=COUNTED, key_func=holder_key)
def _is_counted_elsewhere() -> bool:
    return True


@limiter.shared_limit(no_more_than(STRANGERS_PER_HOST), scope="gate strangers", key_func=client_host)
def _turn_away() -> NoReturn:
    # Counted here, so that a stranger at the log-in's own address takes nothing away from it.
    abort(_refused(401, "Bring a key of the gate: Authorization: Bearer gate_…", "invalid_token"))


def _refused(status: int, detail: str, error: str) -> Response:
    answer = problem(status, detail)
    answer.headers["WWW-Authenticate"] = f'Bearer realm="gate", error="{error}"'  # RFC 6750, section 3
    return answer


def _read() -> None:
    if not request.is_json:
        abort(415)
    try:
        request.get_json(silent=True)
    except RecursionError:  # brackets within brackets, by the thousand
        abort(400)
