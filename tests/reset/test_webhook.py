"""The webhook's messages: signed, good for five minutes, counted once; and its keys can be changed without a gap."""

import hmac
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests

from portal.config import ROOT
from portal.reset.stores.protocol import AccountKey, StoreAway
from portal.reset.stores.webhook import WebhookStore
from portal.reset.stores.wire import Wire
from portal.tokens import fresh_public_id
from tests.requirements import requirement
from tests.reset.bench import NEW, OLD, OTHER
from tests.reset.clouds import Webhook
from tests.servers.identity import RECEIVER_KEYS, line
from tests.servers.trickster import Trickster

NEWER, OLDER = RECEIVER_KEYS.split()
EMRE = AccountKey("stagelight-uk", "signed")
REFERENCE = ROOT / "portal" / "reset" / "stores" / "receiver.py"


def store_at(receiver: str, *keys: str) -> WebhookStore:
    """A store that signs under these keys."""
    return WebhookStore(Wire(receiver), tuple(key.encode() for key in keys), lambda: datetime.now(UTC))


def send(receiver: str, at: datetime, key: str = NEWER, altered: bool = False, **said: object) -> requests.Response:
    """One message by hand, altered perhaps after it was signed."""
    body = json.dumps({"id": fresh_public_id(), "brand": "", "reference": "signed", **said}).encode()
    stamp = str(int(at.timestamp()))
    signature = hmac.digest(key.encode(), f"{stamp}.".encode() + body, "sha256").hex()
    headers = {"Portal-Timestamp": stamp, "Portal-Signature": signature}
    return line().post(receiver, data=body.replace(b"7", b"8") if altered else body, headers=headers, timeout=5)


@requirement("RST-09")
def test_only_what_is_signed_and_young_is_heard(receiver: str) -> None:
    now = datetime.now(UTC)
    Webhook(receiver).open("signed", OLD)
    said = {"call": "expire", "before": now.isoformat(), "epoch": 7}
    wrong = [
        send(receiver, now, key="another key", **said),
        send(receiver, now, altered=True, **said),
        send(receiver, now - timedelta(minutes=5, seconds=2), **said),
        send(receiver, now + timedelta(minutes=5, seconds=2), **said),
    ]
    assert [one.status_code for one in wrong] == [401] * 4
    assert Webhook(receiver).log_in("signed", OLD)
    assert send(receiver, now - timedelta(minutes=4, seconds=55), **said).status_code == 200
    assert not Webhook(receiver).log_in("signed", OLD)


@requirement("RST-09")
def test_a_message_that_comes_twice_counts_once(receiver: str) -> None:
    now = datetime.now(UTC)
    Webhook(receiver).open("signed", OLD)
    said = {"call": "set", "password": NEW, "epoch": 1, "id": fresh_public_id()}
    assert send(receiver, now, **said).status_code == 200
    assert send(receiver, now, call="set", password=OTHER, epoch=2).status_code == 200
    again = send(receiver, now, **said)
    assert (again.status_code, again.json()) == (200, {})
    assert Webhook(receiver).log_in("signed", OTHER)


@requirement("RST-04")
def test_nothing_old_is_taken_after_something_new(receiver: str) -> None:
    Webhook(receiver).open("signed", OLD)
    now = datetime.now(UTC)
    assert send(receiver, now, call="set", password=OTHER, epoch=5).status_code == 200
    for said in ({"call": "set", "password": NEW}, {"call": "expire", "before": "2999"}, {"call": "release"}):
        assert send(receiver, now, epoch=5, **said).status_code == 409
    assert Webhook(receiver).log_in("signed", OTHER)


@requirement("RST-09")
@pytest.mark.parametrize("keys", [(NEWER,), (OLDER,), (NEWER, OLDER), ("not yet known there", OLDER)])
def test_a_key_is_changed_without_a_gap(receiver: str, keys: tuple[str, ...]) -> None:
    Webhook(receiver).open("signed", OLD)
    assert store_at(receiver, *keys).find(EMRE)
    assert store_at(receiver, *keys).check() == []


@requirement("RST-06")
def test_the_operator_hears_of_a_wrong_key(receiver: str) -> None:
    with pytest.raises(StoreAway):
        store_at(receiver, "unknown").find(EMRE)
    assert store_at(receiver, "unknown").check() == ["The receiver does not take our signature: is the key right?"]


@requirement("RST-09")
def test_the_operator_hears_of_a_receiver_that_believes_anybody(trickster: Trickster) -> None:
    assert store_at(trickster.url, NEWER).check() == [
        "The receiver takes messages without a signature: it must answer 401."
    ]


def test_the_reference_receiver_is_short_and_needs_the_standard_library_only() -> None:
    source = Path(REFERENCE).read_text(encoding="utf-8")
    assert source.count("\n") <= 60
    assert "portal" not in "".join(one for one in source.splitlines() if "import" in one)
