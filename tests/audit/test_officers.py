"""Each anchor goes to two officers by letter, once however many workers there are; what they keep can be checked."""

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from threading import Barrier
from typing import cast as cast_to

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import jobs
from portal.audit import anchors
from portal.audit.keeping import Keeping
from portal.database import Database
from portal.mail import outbox
from portal.mail.officers import Officers
from portal.mail.postboxes.memory import MemoryPostbox
from portal.sealing import KeyRing
from tests import cast
from tests.audit.conftest import Tamper, record
from tests.house.plain import grade, prose_of_letter, prose_of_page
from tests.letters import Letter
from tests.requirements import requirement
from tests.servers.app import MakePortal
from tests.servers.ground import StillClock
from tests.visitor import Visitor

pytestmark = requirement("ENG-01")
OFFICERS = ("dilys@company.example", "frida@company.example")


@pytest.fixture
def portal(make_portal: MakePortal) -> Flask:
    """The application, with two officers."""
    return make_portal(officers=", ".join(OFFICERS))


@pytest.fixture
def happened(database: Database, keys: KeyRing, visitor: Visitor) -> Callable[[], None]:
    """Something that is recorded."""
    cast.settle(database, keys)

    def happen() -> None:
        visitor.ask(cast.BO.address)
        visitor.work()

    return happen


def letters_to_officers(postbox: MemoryPostbox) -> list[tuple[str, Letter]]:
    return [(to, Letter.parse(content)) for to, content in postbox.letters if to in OFFICERS]


def run(app: Flask, postbox: MemoryPostbox) -> None:
    """What a worker that starts now does for the trail."""
    tasks = {job.name: job for job in jobs.jobs(app.extensions["portal"], app.extensions["incident"], postbox)}
    for name in ("seal", "anchor", "officers", "send", "send"):
        tasks[name].step()


@requirement("STF-13")
def test_both_officers_get_each_hours_anchor_once(
    happened: Callable[[], None], portal: Flask, work: Callable[[], None], postbox: MemoryPostbox, clock: StillClock
) -> None:
    for sent in (2, 2, 4):
        happened()
        work()
        told = letters_to_officers(postbox)
        assert len(told) == sent
        assert {to for to, _ in told} == set(OFFICERS)
        clock.move(minutes=30)
    held = portal.extensions["portal"]
    kept = [str(anchor) for anchor in anchors.kept(held.settings.within(held.settings.anchors))]
    assert [letter.plain.count(kept[0]) for _, letter in told] == [1, 1, 0, 0]
    assert [letter.plain.count(kept[1]) for _, letter in told] == [0, 0, 1, 1]


@requirement("STF-13")
def test_workers_elsewhere_do_not_write_again(
    happened: Callable[[], None], portal: Flask, work: Callable[[], None], postbox: MemoryPostbox, tmp_path: Path
) -> None:
    happened()
    work()
    held = portal.extensions["portal"]
    held.settings = held.settings.model_copy(update={"anchors": tmp_path / "another machine"})
    record(held.database, 1)
    run(portal, postbox)
    assert len(list(anchors.kept(tmp_path / "another machine"))) == 2
    assert len(letters_to_officers(postbox)) == 2


class Together:
    """The database of two workers who have both looked before either writes."""

    def __init__(self, database: Database) -> None:
        self.read, self._write, self._looked = database.read, database.write, Barrier(2, timeout=20)

    @contextmanager
    def write(self) -> Iterator[Session]:
        self._looked.wait()
        with self._write() as session:
            yield session


@requirement("STF-13")
def test_two_workers_at_the_same_moment_write_once(
    database: Database, keys: KeyRing, keeping: Keeping, clock: StillClock
) -> None:
    record(database, 1)
    keeping.seal()
    keeping.anchor()
    said = {"addresses": OFFICERS, "origin": "https://help.example", "locale": "en", "last": keeping.last}
    officers = Officers(cast_to(Database, Together(database)), keys, clock=clock, **said)  # type: ignore[arg-type]
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(lambda _: officers.step(), range(2))) == [False, False]
    with database.read() as session:
        assert session.scalar(select(func.count()).select_from(outbox.Letter)) == len(OFFICERS)


@requirement("STF-13")
def test_a_kept_letter_shows_that_the_trail_was_cut(
    happened: Callable[[], None],
    portal: Flask,
    work: Callable[[], None],
    postbox: MemoryPostbox,
    tmp_path: Path,
    tamper: Tamper,
) -> None:
    happened()
    work()
    (tmp_path / "kept").mkdir()
    _, letter = letters_to_officers(postbox)[0]
    (tmp_path / "kept" / "letter.txt").write_text(letter.plain)
    words = ["audit", "verify", "--anchors", str(tmp_path / "kept")]
    assert portal.test_cli_runner().invoke(args=words).exit_code == 0
    tamper("DELETE FROM audit_seal WHERE sequence > 1", "DELETE FROM audit_event WHERE id > 1")
    said = portal.test_cli_runner().invoke(args=words)
    assert said.exit_code == 1
    assert "Entry 2 and what followed were cut off" in said.output


@requirement("STF-13")
def test_the_letter_is_plain_and_holds_nothing_of_anybody(
    happened: Callable[[], None], work: Callable[[], None], postbox: MemoryPostbox
) -> None:
    happened()
    work()
    _, letter = letters_to_officers(postbox)[0]
    assert re.search(r"the record had \d+ entries", letter.plain)
    words = anchors.LINE.sub("", letter.plain)
    assert grade(prose_of_letter(words)) <= 8
    assert grade(prose_of_page(anchors.LINE.sub("", letter.html))) <= 8
    for told in (letter.plain, letter.html, letter.subject):
        assert not re.search(rf"\b{cast.BO.name}\b", told)


@requirement("STF-13")
def test_without_officers_the_anchor_stands_in_the_file_alone(
    make_portal: MakePortal, postbox: MemoryPostbox, database: Database
) -> None:
    app = make_portal(officers=None)
    held = app.extensions["portal"]
    record(database, 3)
    run(app, postbox)
    assert len(list(anchors.kept(held.settings.within(held.settings.anchors)))) == 2
    assert postbox.letters == []


@requirement("STF-13")
@pytest.mark.parametrize("said", ["", "dilys@company.example", "a@b, a@B", "a@b, c@d, e@f", "a b@c, d@e", "x, y"])
def test_one_officer_is_not_two(make_portal: MakePortal, said: str) -> None:
    with pytest.raises(ValueError, match="is not two mailboxes") as refused:
        make_portal(officers=said)
    assert refused.type.__name__ == "ValidationError"
