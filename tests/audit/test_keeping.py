"""The worker keeps the trail: an anchor an hour, the newest end at once, and a cry where the chain no longer holds."""

import json
import os
from datetime import timedelta
from pathlib import Path

import pytest

from portal.audit import anchors
from portal.audit.anchors import Anchor
from portal.audit.keeping import Keeping
from portal.audit.trail import BATCH
from portal.database import Database
from portal.sealing import KeyRing
from portal.web import requests_log
from tests.audit.conftest import Tamper, record
from tests.requirements import requirement
from tests.servers.ground import MORNING, StillClock

pytestmark = requirement("ENG-01")
LINE = Anchor(7, MORNING, b"m" * 32, 1, b"s" * 32)


def lines(folder: Path, name: str = "anchors.txt") -> list[str]:
    path = folder / name
    return path.read_text().splitlines() if path.exists() else []


def happen(keeping: Keeping, count: int = 1) -> None:
    record(keeping.database, count)
    keeping.seal()


@requirement("STF-13")
def test_a_trail_without_entries_has_no_anchor(keeping: Keeping) -> None:
    assert keeping.anchor() is False
    assert keeping.seal() is False
    assert not keeping.folder.exists()


@requirement("STF-13")
def test_each_hour_with_news_has_its_anchor(keeping: Keeping, clock: StillClock) -> None:
    happen(keeping, 3)
    for _ in range(3):
        keeping.anchor()
    clock.move(minutes=59)
    happen(keeping, 2)
    keeping.anchor()
    assert len(lines(keeping.folder)) == 1
    clock.move(minutes=1)
    keeping.anchor()
    clock.move(hours=5)
    keeping.anchor()
    told = [anchors.read(line) for line in lines(keeping.folder)]
    assert [(one.sequence, one.moment) for one in told if one] == [
        (3, MORNING),
        (5, MORNING + timedelta(hours=1)),
    ]
    assert all(one and one.is_ours(keeping.keys) for one in told)


@requirement("STF-13")
def test_the_newest_end_is_noted_at_once(keeping: Keeping) -> None:
    for number in range(1, 4):
        happen(keeping)
        (line,) = lines(keeping.folder, "newest.txt")
        assert line.startswith(f"trail-anchor:{number}:")
    assert sorted(path.name for path in keeping.folder.iterdir()) == ["newest.txt"]


@requirement("STF-13")
def test_a_worker_seals_on_while_a_batch_is_full(database: Database, keeping: Keeping) -> None:
    record(database, BATCH + 1)
    assert [keeping.seal(), keeping.seal(), keeping.seal()] == [True, False, False]


@requirement("STF-13")
def test_a_broken_chain_gets_no_anchor_and_the_worker_cries(
    keeping: Keeping, clock: StillClock, tamper: Tamper, capfd: pytest.CaptureFixture[str]
) -> None:
    requests_log.configure("INFO")
    happen(keeping, 5)
    keeping.anchor()
    tamper("DELETE FROM audit_seal WHERE sequence > 2", "DELETE FROM audit_event WHERE id > 2")
    happen(keeping, 9)
    clock.move(hours=1)
    keeping.anchor()
    assert len(lines(keeping.folder)) == 1
    (cry,) = capfd.readouterr().err.splitlines()
    assert (json.loads(cry)["event"], json.loads(cry)["entry"]) == ("trail:broken", 5)


@requirement("STF-13")
def test_anchors_that_somebody_else_signed_do_not_hold_the_worker_up(keeping: Keeping, clock: StillClock) -> None:
    happen(keeping)
    stranger = Keeping(keeping.database, KeyRing.fresh(), keeping.folder, lambda: MORNING + timedelta(days=400))
    stranger.anchor()
    keeping.anchor()
    assert len(lines(keeping.folder)) == 2


@requirement("STF-13")
def test_an_anchor_is_on_the_disk_before_the_worker_goes_on(keeping: Keeping, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[str] = []
    sync = os.fsync

    def noting(handle: int) -> None:
        sync(handle)
        synced.append(Path(f"/proc/self/fd/{handle}").readlink().read_text())

    monkeypatch.setattr(os, "fsync", noting)
    happen(keeping)
    keeping.anchor()
    assert synced == [*(f"{line}\n" for line in (*lines(keeping.folder, "newest.txt"), *lines(keeping.folder)))]


@requirement("STF-13")
def test_a_torn_line_spoils_no_other(tmp_path: Path) -> None:
    anchors.append(tmp_path, LINE)
    with (tmp_path / "anchors.txt").open("a") as file:
        file.write(str(LINE)[:90])
    assert anchors.last(tmp_path) == LINE
    anchors.append(tmp_path, LINE)
    assert list(anchors.kept(tmp_path)) == [LINE, None, LINE]


@requirement("STF-13")
@pytest.mark.parametrize(
    "text",
    ["", "trail-anchor:", "trail-anchor:7:20189902T080000Z:" + "6d" * 32 + ":1:" + "73" * 32, f"{LINE}0"],
)
def test_what_is_no_anchor_is_none(text: str) -> None:
    assert anchors.read(text) is None


@requirement("STF-13")
def test_an_anchor_is_one_word_and_is_read_from_the_middle_of_a_line() -> None:
    assert anchors.read(f"> {LINE}, as she wrote") == LINE
    assert len(str(LINE).split()) == 1


@requirement("STF-13")
@pytest.mark.parametrize("part", ["sequence", "moment", "mac", "key_id", "signature"])
def test_a_signature_covers_every_part(keeping: Keeping, part: str) -> None:
    happen(keeping)
    with keeping.database.read() as session:
        whole = anchors.head(session, keeping.keys, now=MORNING)
    assert whole
    assert whole.is_ours(keeping.keys)
    other = {**vars(LINE), "key_id": 2, "moment": MORNING + timedelta(hours=1)}
    assert not Anchor(**{**vars(whole), part: other[part]}).is_ours(keeping.keys)
