"""The key rings: whether they are there, fit the database, and can be read by nobody whom they do not concern."""

import os
import pwd
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from portal.config import Settings
from portal.database import Database
from portal.deployment.finding import Finding, look, mend, well
from portal.identity import customers
from portal.sealing import KeyRing, KeysUnreadable

KEYS, AUDIT = "keys", "audit keys"
TEST = "/usr/bin/test"


def key_findings(settings: Settings, database: Database) -> Iterator[Finding]:
    """The ring that seals addresses: there, private, and the one that this database was sealed with."""
    path = settings.within(settings.keys_file)
    ring = _ring(path)
    if isinstance(ring, str):
        yield mend(KEYS, f"{path} {ring}", "Put yours back, or for a new portal run `flask keys new`.")
        return
    yield _rights(KEYS, path)
    try:
        with database.read() as session:
            broken = customers.unopened(session, ring)
    except SQLAlchemyError:
        yield look(KEYS, "nobody knows whether the ring fits the database", "Mend the database first.")
        return
    if broken is not None:
        yield mend(KEYS, f"key {broken} does not open what the database holds", "Put the ring of this database back.")
    else:
        yield well(KEYS, "the ring opens what the database holds")


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
    reads = _may_read(path, person)
    if reads is None:
        return look(AUDIT, f"only root or {web_user} can try whether {web_user} reads {path}", "Run this as root.")
    if reads:
        return mend(
            AUDIT,
            f"{web_user} can read {path}",
            "Let another user own it: a web process that was taken over could seal lies.",
        )
    return well(AUDIT, f"{web_user} tried to read {path} and could not")


def _may_read(path: Path, person: pwd.struct_passwd) -> bool | None:
    if person.pw_uid == os.geteuid():
        return os.access(path, os.R_OK, effective_ids=True)
    if os.geteuid() != 0:
        return None
    groups = os.getgrouplist(person.pw_name, person.pw_gid)
    tried = subprocess.run(  # noqa: S603 - as that very user
        [TEST, "-r", str(path)], user=person.pw_uid, group=person.pw_gid, extra_groups=groups, env={}, check=False
    )
    return tried.returncode == 0
