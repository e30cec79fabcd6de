"""The doctor on the company's log-in: the identity store, the file of pwned passwords, and the gate."""

from hashlib import sha1
from pathlib import Path

import pytest

from portal.clock import now
from portal.database import Database
from portal.deployment.finding import Finding, Verdict
from portal.deployment.log_in import blocklist_finding, gate_findings, store_findings
from portal.gate import keys as gate_keys
from portal.gate.cohorts import Cohorts
from portal.gate.keys import Scope, Wanted
from portal.incident import door
from portal.reset import pwned
from portal.sealing import KeyRing
from tests.requirements import requirement
from tests.servers.databases import url_of
from tests.servers.ground import MakeSettings
from tests.servers.ports import free_port
from tests.servers.trickster import KEY, Trickster


def judged(*found: Finding) -> list[tuple[Verdict, str]]:
    return [(one.verdict, one.fact) for one in found]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_identity_store_is_asked_itself(settings: MakeSettings, trickster: Trickster, database: Database) -> None:
    def found(**said: object) -> list[Finding]:
        usual = {"store": "webhook", "store_url": trickster.url, "store_secret": KEY}
        return list(store_findings(settings(**{**usual, **said}), database, now))

    assert judged(*found())[-1] == (Verdict.WELL, "“webhook” answers, and lets us in")
    (away,) = found(store_url=f"http://localhost:{free_port()}")
    assert (away.verdict, "was not reached" in away.fact, "PORTAL_STORE_URL" in away.advice) == (
        Verdict.MEND,
        True,
        True,
    )
    assert "signature" in found(store_secret="another")[0].advice
    assert [one.verdict for one in found(store="database")] == [Verdict.LOOK]
    (keyless,) = found(keys_file="none.json")
    assert (keyless.verdict, keyless.advice) == (Verdict.LOOK, "Mend the keys first.")
    (unknown,) = found(store="pigeons")
    assert (unknown.verdict, "there is no store" in unknown.advice) == (Verdict.MEND, True)


def test_the_file_of_pwned_passwords_is_opened(settings: MakeSettings, tmp_path: Path) -> None:
    assert blocklist_finding(settings()).verdict is Verdict.LOOK
    source, made = tmp_path / "list", tmp_path / "pwned.bin"
    source.write_text(f"{sha1(b'horse', usedforsecurity=False).hexdigest()}:7\n")
    pwned.build(source, made)
    assert blocklist_finding(settings(blocklist=made)).verdict is Verdict.WELL
    made.write_bytes(made.read_bytes()[:-1])
    assert blocklist_finding(settings(blocklist=made)).verdict is Verdict.MEND
    made.unlink()
    assert blocklist_finding(settings(blocklist=made)).verdict is Verdict.MEND


@requirement("ENG-01")
def test_the_gate_has_a_key_for_each_brand_and_its_files(
    settings: MakeSettings, database: Database, keys: KeyRing
) -> None:
    ours = settings(database_url=url_of(database))
    incident = door.load(ours)
    first, *others = [brand.id for brand in incident.brands]
    nobody = [(Verdict.LOOK, f"no log-in may ask about {name}") for name in (first, *others)]
    assert judged(*gate_findings(ours, database, now)) == nobody
    with database.write() as session:
        for name, sandbox in (("shop", False), ("trial", True)):
            gate_keys.make(session, keys, Wanted(name, first, [Scope.COHORT], sandbox), by="dilys", now=now())
    opened = [(Verdict.WELL, f"the log-in of {first} has a key"), *nobody[1:]]
    assert judged(*gate_findings(ours, database, now)) == [*opened, (Verdict.LOOK, "a cohort file is missing or old")]
    Cohorts(database, keys, incident, now).make(first)
    assert judged(*gate_findings(ours, database, now)) == opened
    with database.write() as session:
        gate_keys.end(session, "shop", by="dilys", now=now())
    assert judged(*gate_findings(ours, database, now))[0] == nobody[0]


@pytest.mark.parametrize("bare_database", ["sqlite"], indirect=True)
def test_without_tables_nobody_knows_who_may_ask(settings: MakeSettings, bare_database: Database) -> None:
    ours = settings(database_url=url_of(bare_database))
    assert judged(*gate_findings(ours, bare_database, now)) == [(Verdict.LOOK, "nobody knows who may ask")]
