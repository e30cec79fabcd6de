"""The key rings: whether they are there, fit the database, and can be read by nobody whom they do not concern."""

import pwd
import stat
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from portal.config import Settings
from portal.database import Database
from portal.deployment.finding import Finding, look, mend, well
from portal.deployment.users import may
from portal.identity import fitting
from portal.identity.fitting import KeysDoNotFit
from portal.sealing import KeyRing, KeysUnreadable

KEYS, AUDIT = "keys", "audit keys"


def key_findings(settings: Settings, database: Database | None) -> Iterator[Finding]:
    """The ring that seals addresses: there, private, and the one that this database was sealed with."""
    path = settings.within(settings.keys_file)
    ring = _ring(path)
    if isinstance(ring, str):
        yield mend(KEYS, f"{path} {ring}", "Put yours back, or for a new portal run `flask keys new`.")
        return
    yield _rights(KEYS, path)
    yield _fit(ring, database)


def audit_findings(settings: Settings, web_user: str | None) -> Iterator[Finding]:
    """The trail's ring: the worker's alone, so that whoever takes over a web process cannot seal a false trail."""
    path = settings.within(settings.audit_keys_file)
    if not _exists(path):
        yield look(AUDIT, f"{path} is not here", "That is right where only web processes run; a worker needs it.")
        return
    ring = _ring(path)
    if isinstance(ring, str):
        yield mend(AUDIT, f"{path} {ring}", "Put yours back; without it the trail cannot be sealed or verified.")
        return
    yield _rights(AUDIT, path)
    yield _kept_from_web(path, web_user)


def _fit(ring: KeyRing, database: Database | None) -> Finding:
    unknown = look(KEYS, "nobody knows whether the ring fits the database", "Mend the database first.")
    if database is None:
        return unknown
    try:
        with database.read() as session:
            fitting.try_on(session, ring)
    except SQLAlchemyError:
        return unknown
    except KeysDoNotFit as error:
        return mend(KEYS, str(error), "Put the ring of this database back.")
    return well(KEYS, "the ring opens what the database holds")


def _ring(path: Path) -> KeyRing | str:
    try:
        return KeyRing.read(path)
    except KeysUnreadable as error:
        return f"cannot be used ({error})"


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except PermissionError:
        return False


def _rights(about: str, path: Path) -> Finding:
    rights = stat.S_IMODE(path.stat().st_mode)
    if rights & 0o077:
        return mend(about, f"{path} can be read by others ({rights:o})", f"Say `chmod 600 {path}`.")
    return well(about, f"{path} is its owner's alone")


def _kept_from_web(path: Path, web_user: str | None) -> Finding:
    if web_user is None:
        return look(
            AUDIT, "nobody said as whom the web processes run", "Name that user: `flask doctor --web-user NAME`."
        )
    try:
        person = pwd.getpwnam(web_user)
    except KeyError:
        return mend(AUDIT, f"there is no user {web_user}", "Name the user that the web processes run as.")
    reads = may("-r", path, person)
    if reads is None:
        return look(AUDIT, f"only root or {web_user} can try whether {web_user} reads {path}", "Run this as root.")
    if reads:
        return mend(
            AUDIT,
            f"{web_user} can read {path}",
            "Let another user own it: a web process that was taken over could seal lies.",
        )
    return well(AUDIT, f"{web_user} tried to read {path} and could not")
