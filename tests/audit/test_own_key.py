"""The trail's key is its own: the web process serves without it, the worker and `flask audit` do not start."""

from click.testing import Result
from flask import Flask

from portal.audit.keeping import Keeping
from portal.database import Database
from portal.sealing import KeyRing
from tests.audit.conftest import EVENTS, faults, record
from tests.requirements import requirement
from tests.servers.ground import MakeSettings
from tests.servers.processes import Install
from tests.servers.relay import Relay

pytestmark = [requirement("OPS-07"), requirement("ENG-01")]


def say(portal: Flask, *words: str) -> Result:
    for name in ("keys", "audit_keys"):
        portal.extensions["portal"].__dict__.pop(name, None)
    return portal.test_cli_runner().invoke(args=words)


@requirement("STF-13")
def test_the_web_process_serves_without_it(install: Install, relay: Relay) -> None:
    installation = install()
    (installation.instance / "audit-keys.json").unlink()
    installation.web()
    said = installation.flask("work", "--once")
    assert said.returncode == 1
    assert "PORTAL_AUDIT_KEYS_FILE" in said.stderr
    assert "flask keys new" in said.stderr
    verified = installation.flask("audit", "verify")
    assert (verified.returncode, "PORTAL_AUDIT_KEYS_FILE" in verified.stderr) == (1, True)


@requirement("STF-13")
def test_no_page_needs_it(settings: MakeSettings, portal: Flask) -> None:
    portal.test_client().get("/")
    assert "audit_keys" not in vars(portal.extensions["portal"])


@requirement("STF-13")
def test_the_keys_of_the_web_process_sign_nothing(
    database: Database, keeping: Keeping, keys: KeyRing, audit_keys: KeyRing
) -> None:
    record(database, EVENTS)
    forger = Keeping(database, keys, keeping.folder, keeping.clock)
    forger.seal()
    assert len(faults(database, audit_keys)) == EVENTS
    anchor = forger.last()
    forger.anchor()
    assert anchor is None
    assert keeping.last() is None


@requirement("STF-13")
def test_a_missing_ring_is_made_beside_one_that_stays(portal: Flask) -> None:
    held = portal.extensions["portal"].settings
    first, second = held.within(held.keys_file), held.within(held.audit_keys_file)
    before = first.read_text()
    second.unlink()
    said = say(portal, "keys", "new")
    assert said.exit_code == 0, said.output
    assert str(second) in said.output
    assert second.stat().st_mode & 0o777 == 0o600
    assert first.read_text() == before
    assert not set(KeyRing.read(first).masters.values()) & set(KeyRing.read(second).masters.values())


@requirement("STF-13")
def test_a_ring_that_does_not_fit_the_trail_is_told_of(portal: Flask, keeping: Keeping, database: Database) -> None:
    record(database, EVENTS)
    keeping.seal()
    assert "private and fits the trail" in say(portal, "keys", "check").output
    held = portal.extensions["portal"].settings
    held.within(held.audit_keys_file).write_text(KeyRing.fresh().written())
    said = say(portal, "keys", "check")
    assert said.exit_code == 1
    assert "does not fit the newest entry" in said.output


@requirement("STF-13")
def test_a_ring_that_others_can_read_is_told_of(portal: Flask) -> None:
    held = portal.extensions["portal"].settings
    path = held.within(held.audit_keys_file)
    path.chmod(0o640)
    said = say(portal, "keys", "check")
    assert (said.exit_code, f"chmod 600 {path}" in said.output) == (1, True)


@requirement("STF-13")
def test_a_machine_without_the_ring_is_told_for_whom_that_is_right(portal: Flask) -> None:
    held = portal.extensions["portal"].settings
    held.within(held.audit_keys_file).unlink()
    said = say(portal, "keys", "check")
    assert said.exit_code == 0
    assert "right for web processes, wrong for a worker" in said.output
