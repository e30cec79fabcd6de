"""The company's log-in: whether the identity store can be worked with, and whether the gate can be asked."""

from collections.abc import Iterator

from sqlalchemy.exc import SQLAlchemyError

from portal.clock import Clock
from portal.config import HalfConfigured, Settings
from portal.database import Database
from portal.deployment.finding import Finding, look, mend, well
from portal.gate import keys as gate_keys
from portal.gate.cohorts import Cohorts
from portal.incident import door
from portal.reset.pwned import Pwned, Unfit
from portal.reset.stores import fitness, open_store
from portal.sealing import KeyRing, KeysUnreadable

STORE, BLOCKLIST, GATE = "store", "blocklist", "gate"


def store_findings(settings: Settings, database: Database, clock: Clock) -> Iterator[Finding]:
    """The identity store, asked itself."""
    name = settings.store
    if name == "database":
        yield look(STORE, "passwords are kept in our own database", "Does your log-in ask there? Or say PORTAL_STORE.")
        return
    try:
        found = fitness.of(open_store(settings, database, _ring(settings), clock))
    except KeysUnreadable:
        yield look(STORE, f"nobody knows whether “{name}” answers", "Mend the keys first.")
        return
    except HalfConfigured as error:
        yield mend(STORE, f"“{name}” was not opened", error.message)
        return
    yield from (look(STORE, f"“{name}” says", one) for one in found.said)
    if found.unreached:
        yield mend(STORE, f"“{name}” {found.unreached}", fitness.HINT)
    elif found.unfit:
        yield mend(STORE, f"“{name}” answers, and no customer could be served", found.unfit)
    else:
        yield well(STORE, f"“{name}” answers, and lets us in")


def blocklist_finding(settings: Settings) -> Finding:
    """The file of pwned passwords."""
    if settings.blocklist is None:
        return look(
            BLOCKLIST,
            "new passwords are compared with a short list only",
            "Build the long one (`flask blocklist build`), and name it in PORTAL_BLOCKLIST.",
        )
    path = settings.within(settings.blocklist)
    try:
        Pwned(path)
    except (OSError, ValueError, Unfit) as fault:
        return mend(BLOCKLIST, f"{path} cannot be used ({type(fault).__name__})", "Run `flask blocklist build` again.")
    return well(BLOCKLIST, f"{path} can be looked up in")


def gate_findings(settings: Settings, database: Database | None, clock: Clock) -> Iterator[Finding]:
    """Whether the company's log-in has a key for each brand, and the files for when we are away."""
    unknown, now = look(GATE, "nobody knows who may ask", "Mend the rest first."), clock()
    if database is None:
        yield unknown
        return
    try:
        incident = door.load(settings)
        with database.read() as session:
            known = gate_keys.everything(session)
        stale = Cohorts(database, _ring(settings), incident, clock).look()
    except (HalfConfigured, KeysUnreadable, SQLAlchemyError):
        yield unknown
        return
    good = {key.brand for key in known if not key.sandbox and (key.ends_at is None or key.ends_at > now)}
    for brand in incident.brands:
        if brand.id in good:
            yield well(GATE, f"the log-in of {brand.id} has a key")
        else:
            yield look(GATE, f"no log-in may ask about {brand.id}", "If one shall, run `flask gate keys new`.")
    if stale:
        yield look(GATE, "a cohort file is missing or old", "The worker makes it within minutes: does it run?")


def _ring(settings: Settings) -> KeyRing:
    return KeyRing.read(settings.within(settings.keys_file))
