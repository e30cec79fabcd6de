"""Consequences of a revision: who owes a reset, who does not, and who no longer does."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from portal.database import Database
from portal.incident.revisions import DRAFT
from portal.reset import obligations, operations
from portal.reset.stores.database import Credential, DatabaseStore
from portal.reset.stores.protocol import AccountKey, StoredAccount
from portal.sealing import KeyRing
from tests.cast import AMARA, BO, EMRE, settle
from tests.identity.bench import give_cookie
from tests.journey.duties import accounts, alter, duties, owners, revise, rows, told
from tests.reset.bench import OLD, credential, form_on, give_passwords, key_of, set_password, store_of
from tests.reset.crowd import admit
from tests.reset.line import away_at
from tests.servers.ground import MORNING, StillClock
from tests.visitor import Visitor

Work = Callable[[], None]
OTHERWISE = "a newer brass lantern 7"


@pytest.mark.usefixtures("cast")
def test_affected_accounts_with_a_password_must_reset_and_nobody_else(
    work: Work, portal: Flask, database: Database, keys: KeyRing
) -> None:
    work()
    affected = [*accounts(database, keys, AMARA), *accounts(database, keys, EMRE)]
    assert owners(database) == {customer.id: 1 for customer in affected}
    assert [len(told(database, kind)) for kind in ("reset:owed", "reset:needless")] == [1, 0]
    store = store_of(portal)
    assert [store.log_in(key_of(AMARA), OLD), store.log_in(key_of(EMRE), OLD)] == [False, False]
    assert store.log_in(key_of(BO), OLD)


@pytest.mark.usefixtures("cast")
@pytest.mark.parametrize("flag", ["guest", "social"])
def test_who_logs_in_otherwise_owes_nothing(work: Work, database: Database, keys: KeyRing, flag: str) -> None:
    [emre] = accounts(database, keys, EMRE)
    alter(database, emre, **{flag: True})
    work()
    assert duties(database, emre) == []
    assert not credential(database, keys, EMRE).must_reset


def test_who_has_no_password_in_the_store_owes_nothing(work: Work, database: Database, keys: KeyRing) -> None:
    settle(database, keys, EMRE)
    work()
    [emre] = accounts(database, keys, EMRE)
    assert duties(database, emre) == [(1, "no password")]
    assert [event["details"]["reason"] for event in told(database, "reset:needless")] == ["no password"]


@pytest.mark.parametrize(("seconds", "settled_by"), [(-1, None), (0, "changed since"), (3600, "changed since")])
def test_whose_password_is_younger_than_the_incident_owes_nothing(
    work: Work, portal: Flask, database: Database, keys: KeyRing, seconds: int, settled_by: str | None
) -> None:
    cut_off = portal.extensions["incident"].password_cut_off
    settle(database, keys, EMRE)
    give_passwords(database, keys, EMRE, changed_at=cut_off + timedelta(seconds=seconds))
    work()
    [emre] = accounts(database, keys, EMRE)
    assert duties(database, emre) == [(1, settled_by)]
    assert store_of(portal).log_in(key_of(EMRE), OLD) is (settled_by is not None)


@pytest.mark.usefixtures("cast")
def test_nothing_follows_from_a_draft(work: Work, database: Database, keys: KeyRing) -> None:
    [bo] = accounts(database, keys, BO)
    revise(database, 2, "AFFECTED", bo, state=DRAFT)
    work()
    assert duties(database, bo) == []
    assert [row["revision"] for row in rows(database, "consequence")] == [1]


def test_whose_answer_is_withdrawn_owes_nothing_and_can_log_in_again(
    emre: Visitor, portal: Flask, database: Database, keys: KeyRing
) -> None:
    assert emre.get("/next").location == "/password"
    [account] = accounts(database, keys, EMRE)
    revise(database, 2, "NOT_AFFECTED", account)
    assert not store_of(portal).log_in(key_of(EMRE), OLD)
    emre.work()
    assert duties(database, account) == [(1, "withdrawn")]
    assert store_of(portal).log_in(key_of(EMRE), OLD)
    assert emre.get("/next").location == "/done"
    assert [event["details"]["reason"] for event in told(database, "reset:needless")] == ["withdrawn"]


@pytest.mark.usefixtures("cast")
def test_an_order_that_comes_after_the_withdrawal_locks_nobody_out(
    work: Work, portal: Flask, database: Database, keys: KeyRing
) -> None:
    revise(database, 2, "NOT_AFFECTED", *accounts(database, keys, EMRE))
    work()  # draws both revisions before it carries out the first order
    assert [row["state"] for row in rows(database, "store_operation")] == ["DONE"] * 4
    assert store_of(portal).log_in(key_of(EMRE), OLD)


@pytest.mark.usefixtures("cast")
def test_a_late_order_locks_nobody_out_who_owes_nothing(
    work: Work, portal: Flask, database: Database, keys: KeyRing
) -> None:
    [bo] = accounts(database, keys, BO)
    with database.write() as session:
        operations.order(session, operations.EXPIRE, bo.id, now=MORNING)
    work()
    assert store_of(portal).log_in(key_of(BO), OLD)


def test_whose_duty_ends_while_the_store_is_told_can_log_in(
    work: Work, portal: Flask, database: Database, keys: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle(database, keys, EMRE)
    give_passwords(database, keys, EMRE)
    [emre], expire = accounts(database, keys, EMRE), DatabaseStore.expire_all

    def slowly(store: DatabaseStore, whose: list[AccountKey], *, before: datetime) -> Sequence[StoredAccount | None]:
        found = expire(store, whose, before=before)
        with database.write() as session:
            assert obligations.settle(session, emre.id, obligations.WITHDRAWN, now=MORNING)
        return found

    monkeypatch.setattr(DatabaseStore, "expire_all", slowly)
    work()
    assert store_of(portal).log_in(key_of(EMRE), OLD)


@pytest.mark.usefixtures("cast")
def test_one_account_that_cannot_be_read_and_a_store_that_is_away_stop_no_other(
    work: Work, portal: Flask, database: Database, keys: KeyRing, clock: StillClock
) -> None:
    [emre] = accounts(database, keys, EMRE)
    alter(database, emre, ref_sealed=b"broken")
    with away_at(database, "UPDATE credential"):
        work()
    assert store_of(portal).log_in(key_of(AMARA), OLD)
    clock.move(seconds=5)
    work()
    assert not store_of(portal).log_in(key_of(AMARA), OLD)
    assert [row["customer_id"] for row in rows(database, "store_operation") if row["state"] == "QUEUED"] == [emre.id]


def test_who_has_reset_is_not_asked_again_by_a_later_revision(
    emre: Visitor, portal: Flask, database: Database, keys: KeyRing
) -> None:
    set_password(emre, OTHERWISE)
    revise(database, 2, "AFFECTED", *accounts(database, keys, EMRE))
    emre.work()
    assert duties(database, *accounts(database, keys, EMRE)) == [(1, "customer"), (2, "changed since")]
    assert emre.get("/next").location == "/code"
    assert store_of(portal).log_in(key_of(EMRE), OTHERWISE)


def test_who_was_spared_and_is_affected_now_must_reset(
    work: Work, cast: None, portal: Flask, database: Database, keys: KeyRing
) -> None:
    work()
    [bo] = accounts(database, keys, BO)
    revise(database, 2, "AFFECTED", bo)
    work()
    assert duties(database, bo) == [(2, None)]
    assert not store_of(portal).log_in(key_of(BO), OLD)


@pytest.mark.usefixtures("cast")
def test_who_comes_before_the_worker_is_not_told_too_little(
    visitor: Visitor, work: Work, database: Database, keys: KeyRing, clock: StillClock
) -> None:
    [caller] = admit(database, keys, [EMRE], "http://localhost", now=clock())
    give_cookie(visitor, "ps", caller.cookie)
    assert "To do" in visitor.get("/status").text
    assert visitor.get("/next").location == "/password"
    assert form_on(visitor.get("/password")).send(visitor, OTHERWISE).location == "/next"
    visitor.get("/status")
    work()
    assert duties(database, *accounts(database, keys, EMRE)) == [(1, "customer")]
    assert not credential(database, keys, EMRE).must_reset


def test_the_store_is_asked_again_where_the_age_of_a_password_is_unknown(
    cast: None, work: Work, portal: Flask, database: Database, keys: KeyRing
) -> None:
    with database.write() as session:
        session.execute(update(Credential).values(changed_at=None))
    work()
    assert not store_of(portal).log_in(key_of(EMRE), OLD)
