"""The example of a log-in, word for word, against a real portal: with it, and without it."""

import pytest
import requests

from portal.clock import now
from portal.config import ROOT
from portal.database import Database
from portal.gate import example_login
from portal.gate.example_cohort import opened
from portal.gate.example_login import Login
from portal.sealing import KeyRing
from tests.cast import settle
from tests.gate.bench import BRAND, Locksmith
from tests.requirements import requirement
from tests.reset.bench import LONG_AGO, give_passwords
from tests.servers.processes import Install, Installation
from tests.servers.waiting import until

RIGHT, SAFE = "a horse on the old stage", "Welcome."
TEXT = "To keep your account safe, you need a new password before you can log in."


@pytest.fixture
def installation(install: Install, database: Database, keys: KeyRing) -> Installation:
    """A portal with its worker, and the cast in it."""
    settle(database, keys)
    give_passwords(database, keys)
    made = install()
    made.web()
    made.worker()
    return made


@requirement("RST-08")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_example_asks_the_gate_and_knows_the_answer_when_it_is_away(
    installation: Installation, database: Database, keys: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, key = f"{installation.origin}/gate/v1", Locksmith(database, keys, now()).make()
    cohort_key = installation.flask("gate", "cohort", "key", BRAND).stdout.strip()
    brought = {"Authorization": f"Bearer {key}"}
    asked = f"{gate}/accounts/amara-0"
    until(lambda: requests.get(asked, headers=brought, timeout=5).json()["epoch"], "the duties of the revision")
    installation.flask("gate", "cohort", "write", BRAND, str(installation.instance / "cohort"))
    changed = {"amara-0": LONG_AGO, "bo-0": LONG_AGO}
    file = opened(requests.get(f"{gate}/cohort", headers=brought, timeout=5).content, cohort_key)
    login = Login(gate, key, file, cohort_key, lambda _, password: password == RIGHT, changed.__getitem__)

    assert login.log_in("amara-0", RIGHT).startswith(TEXT)
    assert login.log_in("amara-0", RIGHT).endswith(f" {installation.origin}/?lang=en")
    assert login.log_in("bo-0", RIGHT) == SAFE
    with monkeypatch.context() as patch:
        patch.setattr(example_login.requests, "get", None)  # whoever asks it now fails
        assert login.log_in("amara-0", "wrong") == "Wrong name or password."
    installation.processes[0].kill()
    assert login.log_in("amara-0", RIGHT).startswith(TEXT)
    assert login.log_in("bo-0", RIGHT) == SAFE
    changed["amara-0"] = now()
    assert login.log_in("amara-0", RIGHT) == SAFE


def test_the_example_is_short() -> None:
    assert len((ROOT / "portal" / "gate" / "example_login.py").read_text().splitlines()) <= 40
