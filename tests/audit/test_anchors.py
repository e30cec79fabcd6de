"""Anchors that are not the worker's, or not there, confirm nothing; and what they cover is everything."""

import shutil

from flask import Flask

from portal.audit.keeping import Keeping
from portal.audit.trail import AuditEvent, AuditSeal
from portal.sealing import KeyRing
from tests.audit.conftest import verify
from tests.requirements import requirement

pytestmark = requirement("ENG-01")


@requirement("STF-13")
def test_an_anchor_that_somebody_made_up_is_told_of(portal: Flask, anchored: Keeping) -> None:
    file = anchored.folder / "anchors.txt"
    file.write_text(file.read_text().replace("trail-anchor:4:", "trail-anchor:5:"))
    said = verify(portal, anchored.folder)
    assert (said.exit_code, "1 anchors in" in said.output) == (1, True)


@requirement("STF-13")
def test_anchors_of_another_trail_confirm_nothing(portal: Flask, anchored: Keeping) -> None:
    shutil.rmtree(anchored.folder)
    Keeping(anchored.database, KeyRing.fresh(), anchored.folder, anchored.clock).anchor()
    said = verify(portal, anchored.folder)
    assert said.exit_code == 1
    assert "were not signed with the trail's key" in said.output


@requirement("STF-13")
def test_anchors_that_were_taken_away_are_missed(portal: Flask, anchored: Keeping) -> None:
    for path in anchored.folder.iterdir():
        path.unlink()
    said = verify(portal, anchored.folder)
    assert said.exit_code == 1
    assert "There is no anchor" in said.output


@requirement("STF-13")
def test_the_tables_have_no_column_that_no_seal_covers() -> None:
    covered = {"id", "at", "kind", "actor", "subject", "details"}
    assert set(AuditEvent.__table__.columns.keys()) == covered
    assert set(AuditSeal.__table__.columns.keys()) == {"event_id", "sequence", "key_id", "mac"}
