"""`flask doctor`: each line is a fact that it tried, and what is wrong has words for the person."""

import os
import pwd
import ssl
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import make_url

from portal import create_app
from portal.clock import now
from portal.config import Settings
from portal.database import Database
from portal.deployment.finding import Verdict
from portal.deployment.front import clock_finding
from portal.deployment.neighbours import counter_findings, relay_finding
from portal.deployment.rings import audit_findings, key_findings
from portal.deployment.storage import database_findings, disk_finding, writer_findings
from portal.sealing import KeyRing
from tests import cast
from tests.deployment.behind import to_mend
from tests.requirements import requirement
from tests.servers.certificates import Certificates
from tests.servers.counter import Counter
from tests.servers.databases import url_of
from tests.servers.ground import MakeSettings, StillClock
from tests.servers.ports import free_port
from tests.servers.relay import Relay

pytestmark = requirement("ENG-01")
HERE = "127.0.0.01"  # this machine, by a name that no setting knows
Smtp = Callable[..., Settings]


@pytest.fixture
def over(settings: MakeSettings, database: Database) -> Settings:
    """Settings over this test's database."""
    return settings(database_url=url_of(database))


@pytest.fixture
def smtp(settings: MakeSettings, relay: Relay) -> Smtp:
    """A maker of settings that name this test's relay."""

    def make(**said: object) -> Settings:
        usual = {"postbox": "smtp", "smtp_host": "localhost", "smtp_port": relay.port, "smtp_timeout": 2}
        return settings(**{**usual, **said})

    return make


def test_a_database_as_it_should_be_is_praised(over: Settings, database: Database) -> None:
    found = list(database_findings(over, database, now))
    assert {one.verdict for one in found} == {Verdict.WELL}
    facts = {"it takes writes", "it answers and has the tables of this version"}
    further = set() if database.is_sqlite else {"the line to it stays within this machine"}
    assert facts | further <= {one.fact for one in found}
    assert len(found) == 2 + 2 * (not database.is_sqlite)  # and how far the clocks are apart


def test_a_database_without_tables_is_told_of(over: Settings, bare_database: Database, settings: MakeSettings) -> None:
    found = list(database_findings(settings(database_url=url_of(bare_database)), bare_database, now))
    assert "flask database upgrade" in found[0].advice
    assert len(to_mend(*found)) == 1


def test_a_database_that_is_away_is_told_of_and_none_is_made(settings: MakeSettings, tmp_path: Path) -> None:
    missing = f"sqlite:///{tmp_path / 'nowhere.db'}"
    found = list(database_findings(settings(database_url=missing), Database(missing), now))
    assert (len(to_mend(*found)), (tmp_path / "nowhere.db").exists()) == (1, False)
    away = f"postgresql+psycopg://portal@127.0.0.1:{free_port()}/portal"
    (found_away,) = database_findings(settings(database_url=away), Database(away), now)
    assert (found_away.verdict, "OperationalError" in found_away.fact) == (Verdict.MEND, True)


@pytest.mark.parametrize("bare_database", ["postgresql"], indirect=True)
def test_a_copy_that_takes_no_writes_is_told_of(settings: MakeSettings, bare_database: Database) -> None:
    url = url_of(bare_database)
    with bare_database.engine.begin() as connection:
        connection.exec_driver_sql(f'ALTER DATABASE "{make_url(url).database}" SET default_transaction_read_only = on')
    bare_database.close()
    assert "database: it is a copy that takes no writes" in to_mend(
        *database_findings(settings(database_url=url), bare_database, now)
    )


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_clocks_that_lie_apart_are_told_of(over: Settings, database: Database, clock: StillClock) -> None:
    assert [line.split(":")[0] for line in to_mend(*database_findings(over, database, clock))] == ["clock"]


def test_rings_are_tried_on_what_the_database_holds(over: Settings, database: Database, keys: KeyRing) -> None:
    cast.settle(database, keys)
    path = over.within(over.keys_file)
    assert {one.verdict for one in key_findings(over, database)} == {Verdict.WELL}
    path.chmod(0o644)
    path.write_text(KeyRing.fresh().written())
    first, second = to_mend(*key_findings(over, database))
    assert "can be read by others" in first
    assert "Key 1 of the ring does not open" in second
    path.unlink()
    assert "cannot be used" in to_mend(*key_findings(over, database))[0]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can try what others read")
def test_the_web_user_tries_to_read_the_trails_ring(settings: MakeSettings) -> None:
    nobody = pwd.getpwnam("nobody")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "audit-keys.json")
        Path(folder).chmod(0o711)
        path.write_text(KeyRing.fresh().written())
        path.chmod(0o600)
        ours = settings(audit_keys_file=path)
        assert {one.verdict for one in audit_findings(ours, "nobody")} == {Verdict.WELL}
        os.chown(path, nobody.pw_uid, -1)
        assert to_mend(*audit_findings(ours, "nobody")) == [f"audit keys: nobody can read {path}"]
        assert to_mend(*audit_findings(ours, "no-such-user")) == ["audit keys: there is no user no-such-user"]
        path.unlink()
        assert [one.verdict for one in audit_findings(ours, None)] == [Verdict.LOOK]


def test_the_relay_is_asked_and_gets_no_letter(smtp: Smtp, relay: Relay) -> None:
    assert relay_finding(smtp(smtp_security="none")).verdict is Verdict.WELL
    assert "offers no encryption" in relay_finding(smtp()).advice
    assert "Nothing listens" in relay_finding(smtp(smtp_port=free_port())).advice
    (elsewhere,) = [relay_finding(smtp(smtp_host=HERE, smtp_security="none"))]
    assert (elsewhere.verdict, "unencrypted" in elsewhere.fact) == (Verdict.MEND, True)
    account = {"smtp_user": "portal", "smtp_password": "secret", "smtp_security": "starttls"}
    assert relay_finding(smtp(**account)).verdict is Verdict.MEND
    assert relay.letters == []


def test_a_relay_must_prove_its_name(smtp: Smtp, certificates: Certificates, monkeypatch: pytest.MonkeyPatch) -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificates.chain, certificates.key)
    encrypted = Relay(tls=context)
    encrypted.open()
    try:
        assert "does not prove its name" in relay_finding(smtp(smtp_port=encrypted.port)).advice
        monkeypatch.setenv("SSL_CERT_FILE", str(certificates.authority))
        found = relay_finding(smtp(smtp_port=encrypted.port))
        assert (found.verdict, "TLSv1" in found.fact) == (Verdict.WELL, True)
    finally:
        encrypted.close()


def test_the_counter_is_asked(settings: MakeSettings, counter: Counter) -> None:
    assert [one.verdict for one in counter_findings(settings(limiter_url=counter.url))] == [Verdict.WELL]
    counter.end()
    assert to_mend(*counter_findings(settings(limiter_url=counter.url))) == ["counter: it does not answer"]
    assert [one.verdict for one in counter_findings(settings())] == [Verdict.LOOK]


def test_the_disk_and_the_clock_are_looked_at(settings: MakeSettings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert to_mend(disk_finding(settings())) == []
    monkeypatch.setattr("portal.deployment.storage.LEAST_SHARE", 1)
    assert len(to_mend(disk_finding(settings()))) == 1
    assert clock_finding().about == "clock"


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_command_counts_what_must_be_mended(portal: Flask) -> None:
    said = portal.test_cli_runner().invoke(args=["doctor"])
    assert said.exit_code == 1
    assert said.output.count("\nMEND  ") >= 2
    assert "must be mended before customers come" in said.output


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can try what others write")
def test_the_web_user_tries_to_write_the_database(settings: MakeSettings) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        file = Path(folder, "portal.db")
        ours = settings(database_url=f"sqlite:///{file}")
        assert list(writer_findings(ours, "nobody")) == []
        file.touch(0o644)
        assert to_mend(*writer_findings(ours, "nobody")) == [f"database: nobody cannot write {file}"]
        file.chmod(0o666)
        assert list(writer_findings(ours, "nobody")) == []


def test_the_doctor_makes_no_database(settings: MakeSettings) -> None:
    ours = settings()
    portal = create_app(ours)
    said = portal.test_cli_runner().invoke(args=["doctor", "--web-user", "nobody"])
    assert "portal.db is not there" in said.output
    assert "nobody knows whether the ring fits" in said.output
    assert list(ours.instance.glob("portal.db*")) == []
    (ours.instance / "portal.db").mkdir()
    refused = portal.test_cli_runner().invoke(args=["database", "upgrade"])
    assert (refused.exit_code, "could not be worked with (OperationalError)" in refused.output) == (1, True)
