"""The doctor's lines on what is kept here: each is said where it is so, with its verdict and what to do."""

import os
import pwd
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import pytest

from portal.database import Database
from portal.deployment import storage
from portal.deployment.finding import Finding, Verdict, look, mend, well
from portal.deployment.rings import audit_findings, key_findings
from portal.deployment.storage import disk_finding, writer_findings
from tests.deployment.place import Ask, Place, Row
from tests.requirements import requirement

pytestmark = requirement("ENG-01")
WELL, LOOK, MEND = Verdict.WELL, Verdict.LOOK, Verdict.MEND
ME = pwd.getpwuid(os.geteuid()).pw_name


def no_room(place: Place) -> Iterable[Finding]:
    place.patch.setattr(storage, "LEAST_BYTES", 10**18)
    yield disk_finding(place.make())


def no_folder(place: Place) -> Iterable[Finding]:
    yield disk_finding(place.make(database_url=f"sqlite:///{place.folder}/none/portal.db"))


def server_elsewhere(place: Place) -> Iterable[Finding]:
    yield disk_finding(place.make(database_url="postgresql://portal@database.example/portal"))


def line(host: str, *, encrypted: bool) -> Ask:
    """The line to a PostgreSQL; the tests' own speaks no TLS, and is reached by a socket."""
    told = SimpleNamespace(pgconn=SimpleNamespace(ssl_in_use=encrypted), info=SimpleNamespace(host=host))
    connection: Any = SimpleNamespace(connection=SimpleNamespace(dbapi_connection=told))
    return lambda _: [storage._line_finding(connection)]


def nobody_there(place: Place) -> Iterable[Finding]:
    (place.folder / "portal.db").touch(0o600)
    return writer_findings(place.make(), "no-such-user")


def spoiled_ring(place: Place) -> Iterable[Finding]:
    (place.folder / "audit-keys.json").write_text("spoiled")
    return audit_findings(place.make(), ME)


def open_ring(place: Place) -> Iterable[Finding]:
    (place.folder / "audit-keys.json").chmod(0o640)
    return audit_findings(place.make(), ME)


def unnamed_user(place: Place) -> Iterable[Finding]:
    return audit_findings(place.make(), None)


def own_user(place: Place) -> Iterable[Finding]:
    return audit_findings(place.make(), ME)


def not_root(place: Place) -> Iterable[Finding]:
    place.patch.setattr("portal.deployment.users.os.geteuid", lambda: 12345)
    return audit_findings(place.make(), "nobody")


def ring_and_no_tables(place: Place) -> Iterable[Finding]:
    database = Database(f"sqlite:///{place.folder}/bare.db")
    yield from key_findings(place.make(), database)
    database.close()


ROWS: list[Row] = [
    (lambda place: [disk_finding(place.make())], WELL, "GiB are free at", ""),
    (no_room, MEND, "GiB are free at", "Make room"),
    (no_folder, MEND, "cannot be looked at (FileNotFoundError)", "Make the folder"),
    (server_elsewhere, WELL, "/instance", ""),
    (line("database.example", encrypted=True), WELL, "is encrypted", ""),
    (line("/run/postgresql", encrypted=False), WELL, "stays within this machine", ""),
    (line("127.0.0.1", encrypted=False), WELL, "stays within this machine", ""),
    (line("database.example", encrypted=False), LOOK, "database.example is not encrypted", "sslmode=verify-full"),
    (spoiled_ring, MEND, "audit-keys.json cannot be used", "Put yours back"),
    (open_ring, MEND, "can be read by others (640)", "chmod 600"),
    (unnamed_user, LOOK, "nobody said as whom", "--web-user NAME"),
    (own_user, MEND, f"{ME} can read", "Let another user own it"),
    (own_user, WELL, "its owner's alone", ""),
    (not_root, LOOK, "only root or nobody can try", "as root"),
    (ring_and_no_tables, LOOK, "nobody knows whether the ring fits", "Mend the database first"),
]


@pytest.mark.parametrize(("ask", "verdict", "fact", "advice"), ROWS, ids=[fact for _, _, fact, _ in ROWS])
def test_it_is_said(place: Place, ask: Ask, verdict: Verdict, fact: str, advice: str) -> None:
    found = list(ask(place))
    assert [one for one in found if (one.verdict, fact in one.fact, advice in one.advice) == (verdict, True, True)]


def test_a_user_whom_nobody_knows_writes_nothing_that_could_be_told_of(place: Place) -> None:
    assert list(nobody_there(place)) == []


def test_a_line_has_its_verdict_its_fact_and_what_to_do() -> None:
    assert [str(one) for one in (well("a", "b"), look("a", "b", "Do c."), mend("a", "b", "Do c."))] == [
        "good  a: b.",
        "look  a: b. Do c.",
        "MEND  a: b. Do c.",
    ]
