"""Loading: a sound file becomes a pool, any other is refused whole, with lines, and without a code in the words."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import select

from portal.audit.trail import AuditEvent
from portal.database import Database
from portal.enrolment import codes
from portal.enrolment.codes import Code
from portal.enrolment.pools import Pool
from portal.sealing import KeyRing
from tests.enrolment import bench
from tests.enrolment.bench import some_codes
from tests.requirements import requirement
from tests.servers.ground import StillClock

Say = Callable[..., Result]
Write = Callable[..., Path]


@pytest.fixture
def flask(portal: Flask) -> Say:
    """Says a command of this room."""
    return lambda *words: portal.test_cli_runner().invoke(args=["codes", *map(str, words)])


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a file of codes below a header."""

    def file(*lines: str, header: str = "code", name: str = "codes.csv") -> Path:
        path = tmp_path / name
        path.write_text("".join(f"{line}\n" for line in (header, *lines)), newline="")
        return path

    return file


def refused(told: Result, database: Database) -> str:
    """The words of a refusal, after which there is nothing in the database."""
    assert told.exit_code == 1, told.output
    assert bench.count(database, Code) == bench.count(database, Pool) == 0
    return told.output


def test_a_load_rehearses_unless_told_otherwise(flask: Say, write: Write, database: Database) -> None:
    told = flask("load", write(*some_codes(3)), "--offer", "monitoring")
    assert told.exit_code == 0
    assert "This was a rehearsal: the file is sound (3 codes for the offer “monitoring”" in told.output
    assert bench.count(database, Code) == 0


@requirement("COD-03", "COD-10")
def test_a_load_for_real_makes_a_sealed_pool_and_says_so(
    flask: Say, write: Write, database: Database, keys: KeyRing
) -> None:
    file = write(*(f"{code},x" for code in some_codes(3)), header="code,batch")
    told = flask("load", file, "--offer", "monitoring", "--expires", "2018-09-30", "--for-real")
    assert told.exit_code == 0, told.output
    assert (
        "A pool was made, by you alone: 3 codes for the offer “monitoring”, good until the end of 2018-09-30"
        in told.output
    )
    with database.read() as session:
        held = list(session.scalars(select(Code)))
        [event] = session.scalars(select(AuditEvent).where(AuditEvent.kind == "codes:loaded"))
        [pool] = session.scalars(select(Pool))
    assert sorted(codes.read(keys, code) for code in held) == some_codes(3)
    assert {code.last_four for code in held} == {"QXZ7"}
    assert (event.details["codes"], event.details["alone"], pool.alone) == (3, True, True)
    assert "FAIR" not in repr(event.details)


@requirement("USE-09")
def test_faults_are_told_by_line_and_nothing_is_changed(flask: Say, write: Write, database: Database) -> None:
    lines = ["FAIR-0001", "short", "", "FAIR-0001", "fair0001", "has a space", 'FAIR-0002"x', "FAIR-0003,more"]
    told = refused(flask("load", write(*lines), "--offer", "monitoring", "--for-real"), database)
    assert "The file is refused whole; nothing was changed." in told
    assert "line 3: no code" in told
    assert "line 5: the same code as in line 2" in told
    assert "line 6: the same code as in line 2" in told
    assert "line 7: no code" in told
    assert "line 9: 2 columns where the header has 1" in told
    assert "FAIR" not in told.upper()


@requirement("USE-09")
@pytest.mark.parametrize(
    ("header", "lines", "words"),
    [
        ("voucher", ["FAIR-0001"], "line 1: the column “code” is missing"),
        ("code,code", ["FAIR-0001,FAIR-0002"], "line 1: the column “code” is there more than once"),
        ("code", [], "line 1: there is no code below the first line"),
    ],
)
def test_a_file_of_another_kind_is_refused(
    flask: Say, write: Write, database: Database, header: str, lines: list[str], words: str
) -> None:
    told = refused(flask("load", write(*lines, header=header), "--offer", "monitoring", "--for-real"), database)
    assert words in told


def test_codes_that_are_over_are_refused(flask: Say, write: Write, database: Database, clock: StillClock) -> None:
    file = write(*some_codes(2))
    told = flask("load", file, "--offer", "monitoring", "--expires", "2018-07-01", "--for-real")
    assert "These codes are over: their last day was 2018-07-01." in refused(told, database)
    assert flask("load", file, "--offer", "monitoring", "--expires", "2018-07-02", "--for-real").exit_code == 0


def test_an_unknown_offer_is_named_with_those_that_are_known(flask: Say, write: Write, database: Database) -> None:
    told = refused(flask("load", write(*some_codes(2)), "--offer", "lottery", "--for-real"), database)
    assert "has no offer “lottery”. It has: monitoring." in told


@requirement("COD-02")
def test_a_code_that_was_loaded_before_is_refused_with_its_line(flask: Say, write: Write, database: Database) -> None:
    assert flask("load", write(*some_codes(3)), "--offer", "monitoring", "--for-real").exit_code == 0
    again = write("OTHER-00000001", some_codes(3)[1].lower().replace("-", ""), name="more.csv")
    told = flask("load", again, "--offer", "monitoring", "--for-real")
    assert told.exit_code == 1
    assert "line 3: a code that was loaded before" in told.output
    assert "line 2" not in told.output
    assert bench.count(database, Code) == 3


def test_the_same_file_again_changes_nothing_and_is_no_fault(flask: Say, write: Write, database: Database) -> None:
    words = ("load", write(*some_codes(3)), "--offer", "monitoring", "--for-real")
    assert flask(*words).exit_code == 0
    again = flask(*words)
    assert again.exit_code == 0
    assert "There is nothing to do, and nothing was changed." in again.output
    assert bench.count(database, Code) == 3
    assert bench.count(database, Pool) == 1


@requirement("COD-10")
def test_the_stock_counts_and_shows_no_code(flask: Say, write: Write) -> None:
    flask("load", write(*some_codes(1200)), "--offer", "monitoring", "--for-real")
    told = flask("stock")
    assert told.exit_code == 0
    assert "1,200 codes can be given now; nobody waits." in told.output
    assert "2018-12-31" in told.output
    assert "QXZ7" not in told.output
