"""Clearing: the company's log-in says that there is a new password, as of the epoch that it knows."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from portal.database import Database
from portal.sealing import KeyRing
from tests.cast import AMARA
from tests.gate.bench import Caller, Work
from tests.identity.bench import everything
from tests.journey.duties import accounts, revise, told
from tests.requirements import requirement
from tests.reset.bench import credential
from tests.servers.ground import StillClock


def test_a_cleared_account_owes_nothing_and_its_store_forgets_the_mark(
    login: Caller, database: Database, keys: KeyRing, work: Work, clock: StillClock
) -> None:
    assert credential(database, keys, AMARA).must_reset
    clock.move(minutes=3)
    answer = login.post("/accounts/amara-0/cleared", {"epoch": 1})
    assert (answer.status_code, answer.get_json()["state"], answer.get_json()["epoch"]) == (200, "cleared", 2)
    assert answer.get_json()["since"] == clock().isoformat().replace("+00:00", "Z")
    work()
    assert not credential(database, keys, AMARA).must_reset
    (amara, _), (event,) = accounts(database, keys, AMARA), told(database, "gate:cleared")
    assert (event["actor"], event["subject"]) == ("gate:login", f"account:{amara.id}")


def test_it_may_be_told_again_and_changes_nothing_more(login: Caller, database: Database) -> None:
    login.post("/accounts/amara-0/cleared", {"epoch": 1})
    before = everything(database)
    again = login.post("/accounts/amara-0/cleared", {"epoch": 1})
    assert (again.status_code, again.get_json()["epoch"]) == (200, 2)
    for stranger in ("bo-0", "nobody"):
        answer = login.post(f"/accounts/{stranger}/cleared", {"epoch": 0})
        assert (answer.status_code, answer.get_json()["state"]) == (200, "not_listed")
    assert everything(database) == before


@requirement("RST-04")
def test_what_changed_since_is_not_cleared(login: Caller, database: Database, keys: KeyRing, work: Work) -> None:
    amara, _ = accounts(database, keys, AMARA)
    revise(database, 2, "NOT_AFFECTED", amara)
    work()
    revise(database, 3, "AFFECTED", amara)
    work()
    answer = login.post("/accounts/amara-0/cleared", {"epoch": 1})
    assert (answer.status_code, answer.content_type) == (409, "application/problem+json")
    assert answer.get_json()["epoch"] == login.stands("amara-0")[1]
    assert login.stands("amara-0")[0] == "must_reset"


@requirement("RST-04")
def test_of_many_at_once_one_clears(login: Caller, database: Database) -> None:
    def tell(_number: int) -> int:
        caller = Caller(login.client.application.test_client(), login.key)
        return caller.post("/accounts/amara-0/cleared", {"epoch": 1}).status_code

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(tell, range(8))) <= {200, 409}
    assert login.stands("amara-0") == ("cleared", 2)
    assert len(told(database, "gate:cleared")) == 1


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_only_a_whole_number_in_json_is_an_epoch(login: Caller) -> None:
    for body in ({}, {"epoch": "1"}, {"epoch": True}, {"epoch": 1.5}, {"epoch": -1}, {"epoch": 1, "x": 1}, [], 7, "x"):
        assert login.post("/accounts/amara-0/cleared", body).status_code == 422
    sent = {"Authorization": f"Bearer {login.key}"}
    address = "/gate/v1/accounts/amara-0/cleared"
    for kind, body, status in (
        ("text/plain", "{}", 415),
        ("application/json", "{", 422),
        ("application/json", "[" * 99999, 400),
    ):
        answer = login.client.post(address, data=body, content_type=kind, headers=sent)
        assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert (
        login.client.post(address, data="x" * 300_000, content_type="application/json", headers=sent).status_code == 413
    )
    assert login.stands("amara-0") == ("must_reset", 1)
