"""Asking: how accounts stand, one or many, for those with a key and their own brand only."""

from urllib.parse import quote

import pytest

from portal.database import Database
from portal.reset import obligations
from portal.sealing import KeyRing
from tests.cast import AMARA, BO
from tests.gate.bench import Caller, Locksmith, Work, rename
from tests.identity.bench import traced
from tests.journey.duties import accounts, revise
from tests.reset.bench import NEW, set_password
from tests.servers.ground import StillClock
from tests.visitor import Visitor

REF = "amara-0"


def test_an_account_must_reset_is_cleared_or_is_not_listed(login: Caller, visitor: Visitor, clock: StillClock) -> None:
    told = login.get(f"/accounts/{REF}").get_json()
    assert (told["ref"], told["state"], told["epoch"]) == (REF, "must_reset", 1)
    assert told["since"] == clock().isoformat().replace("+00:00", "Z")
    for stranger in ("bo-0", "nobody", "amara-1"):
        told = login.get(f"/accounts/{stranger}").get_json()
        assert told == {"ref": stranger, "state": "not_listed", "epoch": 0, "since": None, "show": None}
    clock.move(minutes=5)
    visitor.arrive("amara@mail.example")
    set_password(visitor, NEW)
    told = login.get(f"/accounts/{REF}").get_json()
    assert (told["state"], told["epoch"], told["show"]) == ("cleared", 2, None)
    assert told["since"] == clock().isoformat().replace("+00:00", "Z")


def test_it_says_what_to_show_and_where_a_new_password_is_set(login: Caller) -> None:
    show = login.get(f"/accounts/{REF}").get_json()["show"]
    assert show["text"].startswith("To keep your account safe, you need a new password")
    assert (show["language"], show["address"]) == ("en", "http://localhost/?lang=en")
    show = login.get(f"/accounts/{REF}", Accept_Language="nl").get_json()["show"]
    assert (show["language"], show["address"]) == ("nl", "http://localhost/?lang=nl")
    assert show["text"].startswith("Om uw account veilig te houden")


def test_many_are_answered_in_their_order_in_three_queries(login: Caller, database: Database) -> None:
    refs = [f"nobody-{number}".ljust(150, "x") for number in range(997)] + [REF, "bo-0", REF]
    with traced(database) as heard:
        answer = login.post("/accounts:batch", {"refs": refs})
    assert [one["ref"] for one in answer.get_json()["accounts"]] == refs
    states = [one["state"] for one in answer.get_json()["accounts"]]
    assert states == ["not_listed"] * 997 + ["must_reset", "not_listed", "must_reset"]
    assert answer.get_json()["show"]["address"] == "http://localhost/?lang=en"
    assert len(heard) <= 3


def test_one_is_answered_by_one_statement(login: Caller, database: Database) -> None:
    login.stands(REF)  # who holds the key is known for some seconds
    with traced(database) as heard:
        assert login.stands(REF) == ("must_reset", 1)
    assert len(heard) == 1


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_batch_that_is_no_batch_is_refused_without_repeating_it(login: Caller) -> None:
    for refs in ([], ["x"] * 1001, ["x" * 201], [""], [7], ["\ud800"], "amara-0", None):
        answer = login.post("/accounts:batch", {"refs": refs})
        assert (answer.status_code, answer.content_type) == (422, "application/problem+json")
        assert answer.get_json()["faults"][0]["at"].startswith("refs")
        assert "amara" not in answer.text


def test_any_reference_can_be_asked_for(login: Caller, database: Database, keys: KeyRing) -> None:
    before = REF
    for reference in ("a/b", "a//b", "a/cleared", "Zoë & co", "50%", "a?b#c", ":batch", "/a"):
        rename(database, keys, before, reference)
        if not reference.startswith("/"):
            assert login.stands(quote(reference, safe="")) == ("must_reset", 1)
        answer = login.post("/accounts:batch", {"refs": [reference, before]})
        assert [one["state"] for one in answer.get_json()["accounts"]] == ["must_reset", "not_listed"]
        before = reference


def test_a_key_opens_the_accounts_of_its_brand_only(login: Caller, locksmith: Locksmith) -> None:
    other = Caller(login.client, locksmith.make(name="seatswap", brand="seatswap"))
    assert (other.stands(REF), other.stands("amara-1")) == (("not_listed", 0), ("must_reset", 1))


def test_a_draft_tells_nothing(login: Caller, database: Database, keys: KeyRing, work: Work) -> None:
    (bo,) = accounts(database, keys, BO)
    revise(database, 2, "AFFECTED", bo, state="DRAFT")
    work()
    assert login.stands("bo-0") == ("not_listed", 0)


def test_each_change_of_a_duty_makes_the_epoch_greater(
    login: Caller, database: Database, keys: KeyRing, work: Work, clock: StillClock
) -> None:
    amara, _ = accounts(database, keys, AMARA)
    seen = [login.stands("amara-0")]
    revise(database, 2, "NOT_AFFECTED", amara)
    work()
    seen.append(login.stands("amara-0"))
    revise(database, 3, "AFFECTED", amara)
    work()
    seen.append(login.stands("amara-0"))
    with database.write() as session:
        obligations.settle(session, amara.id, obligations.BY_CUSTOMER, now=clock())
    seen.append(login.stands("amara-0"))
    with database.write() as session:
        obligations.require(session, amara.id, 3, now=clock())
    seen.append(login.stands("amara-0"))
    assert [state for state, _ in seen] == ["must_reset", "cleared"] * 2 + ["must_reset"]
    epochs = [epoch for _, epoch in seen]
    assert epochs == sorted(set(epochs))


def test_no_log_holds_a_reference(login: Caller, capfd: pytest.CaptureFixture[str]) -> None:
    login.get("/accounts/amara@mail.example")
    login.post("/accounts:batch", {"refs": ["amara@mail.example", 7]})
    login.get("/accounts/" + "amara@mail.example" * 20)
    login.post("/accounts/amara@mail.example/cleared", {"epoch": 1})
    said = capfd.readouterr().err
    assert said.count('"endpoint": "gate.') == 4
    assert "amara" not in said
