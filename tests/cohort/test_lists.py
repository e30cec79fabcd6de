"""Lists: every fault is named by its line, a faulty list is refused whole, and nothing changes."""

from pathlib import Path

import pytest

from portal.cohort import entries
from portal.cohort.entries import EntryReader, EntryRefused
from portal.cohort.faults import SHOWN, ListRefused
from portal.cohort.roster import Roster, inspect
from portal.incident.file import Incident
from portal.sealing import KeyRing
from tests.cohort.bench import COLUMNS, Bench, everything, people, row, text
from tests.requirements import requirement

KEYS = KeyRing.fresh()

AMARA, BO = row("amara", "AFFECTED", "name;login_details"), row("bo")
SOUND = text([AMARA, BO])

REFUSED: dict[str, tuple[str | bytes, list[tuple[int, str]]]] = {
    "empty": ("", [(1, "the file is empty, or its first line is")]),
    "an empty first line": ("\r\n" + SOUND, [(1, "the file is empty, or its first line is")]),
    "only a header": (text([]), [(1, "there is no account in this list")]),
    "a column missing": (SOUND.replace("email", "mail", 1), [(1, "the column “email” is missing")]),
    "a column twice": (
        SOUND.replace("language", "email", 1),
        [(1, "the column “email” is there more than once"), (1, "the column “language” is missing")],
    ),
    "a column too few": (SOUND.replace(",bo@", "bo@"), [(3, "10 columns where the header has 11")]),
    "a column too many": (SOUND.replace("bo@", "x,bo@"), [(3, "12 columns where the header has 11")]),
    "other columns between": (SOUND.replace(",", ";"), [(1, f"the column “{name}” is missing") for name in COLUMNS]),
    "an empty line": (SOUND.replace("bo-1", "\r\nbo-1"), [(3, "an empty line")]),
    "a bad address": (SOUND.replace("bo@", "bo@@"), [(3, "a bad address: not exactly one @")]),
    "two addresses": (
        SOUND.replace("bo@mail.example", '"bo@mail.example,amara@mail.example"'),
        [(3, "a bad address: a space, a bracket, a quote or another sign that addresses do not have")],
    ),
    "no address": (SOUND.replace("bo@mail.example", ""), [(3, "a bad address: not exactly one @")]),
    "no reference": (text([{**BO, "customer": " "}]), [(2, "no reference")]),
    "a long reference": (
        text([{**BO, "customer": "x" * 201}]),
        [(2, "a reference that is too long or holds control signs")],
    ),
    "an unknown category": (SOUND.replace("login_details", "shoe_size"), [(2, "an unknown category")]),
    "an unknown country": (SOUND.replace("GB", "XX", 1), [(2, "an unknown country")]),
    "an unknown brand": (SOUND.replace("stagelight-uk", "starlight"), [(line, "an unknown brand") for line in (2, 3)]),
    "no brand": (text([{**BO, "brand": ""}]), [(2, "no brand")]),
    "an unknown result": (SOUND.replace("NOT_AFFECTED", "SAFE"), [(3, "an unknown result")]),
    "no result": (SOUND.replace("NOT_AFFECTED", ""), [(3, "no result")]),
    "affected by nothing": (SOUND.replace("name;login_details", ""), [(2, "affected, but no category")]),
    "safe but exposed": (text([row("bo", "NOT_AFFECTED", "name")]), [(2, "categories, but not affected")]),
    "neither yes nor no": (text([row("bo", minor="maybe")]), [(2, "neither yes nor no under “minor”")]),
    "the same account twice": (
        text([AMARA, BO, {**AMARA, "email": "other@mail.example"}]),
        [(4, "the same brand and reference as in line 2")],
    ),
    "an open quote": (SOUND.replace("bo-1", '"bo-1'), [(3, "a quote that is never closed")]),
    "a quote out of place": (SOUND.replace("bo-1", '"bo"-1'), [(3, "a quote or line break out of place")]),
    "old line breaks": (SOUND.replace("\r\n", "\r"), [(1, "a quote or line break out of place")]),
    "UTF-16": (SOUND.encode("utf-16"), []),
    "Latin-1": (SOUND.replace("amara@", "amará@").encode("latin-1"), [(2, "not UTF-8; export the list in UTF-8")]),
    "a NUL": (SOUND.replace("bo-1", "bo\0"), [(3, "a NUL; is this a list in UTF-8?")]),
    "two faults in one row": (SOUND.replace("GB", "XX", 1).replace("amara@", "@"), [(2, "an unknown country")]),
    "a line break in a cell before": (
        text([{**AMARA, "customer": "amara\n1"}, {**BO, "country": "XX"}]),
        [(2, "a reference that is too long or holds control signs"), (4, "an unknown country")],
    ),
}  # fmt: skip


@requirement("USE-09")
@pytest.mark.parametrize("fault", REFUSED)
def test_a_faulty_list_is_refused_with_line_and_reason(fault: str, incident: Incident, tmp_path: Path) -> None:
    content, expected = REFUSED[fault]
    refusal = refused(content, incident, tmp_path)
    named = [(fault.line, fault.reason) for fault in refusal.faults.first]
    assert set(expected) <= set(named)
    assert refusal.faults.total >= max(1, len(expected))
    for cell in ("amara", "bo-1", "bo@", "mail.example"):
        assert cell not in str(refusal)


@requirement("USE-09")
@pytest.mark.parametrize("missing", range(1, 90, 4))
def test_a_list_that_was_cut_off_anywhere_is_refused(missing: int, incident: Incident, tmp_path: Path) -> None:
    assert refused(SOUND[:-missing], incident, tmp_path).faults.total >= 1


@requirement("USE-09")
def test_the_first_fifty_faults_are_shown_and_all_are_counted(incident: Incident, tmp_path: Path) -> None:
    refusal = refused(text({**one, "country": "XX"} for one in people(80)), incident, tmp_path)
    assert (len(refusal.faults.first), refusal.faults.total) == (SHOWN, 80)
    assert refusal.faults.first[-1].line == 51
    assert "and 30 more" in str(refusal)


@requirement("USE-09")
@requirement("ENG-01")
def test_what_rows_say_is_remembered_within_bounds(incident: Incident, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "MOST_KINDS", 2)
    reader, rows = EntryReader(incident), [row("bo", country=code) for code in ("GB", "NL", "IE", "GB", "NL")]
    assert [reader.read(one).kind.country for one in rows] == ["GB", "NL", "IE", "GB", "NL"]
    for _ in range(2):
        with pytest.raises(EntryRefused, match="an unknown country"):
            reader.read(row("bo", country="XX"))
    assert len(reader._kinds) <= 2


@pytest.mark.parametrize("fault", ["a bad address", "the same account twice", "an open quote", "an unknown category"])
def test_a_refused_list_changes_no_row_of_any_table(fault: str, bench: Bench) -> None:
    bench.load(AMARA)
    before = everything(bench.database)
    with pytest.raises(ListRefused):
        inspect(bench.write(REFUSED[fault][0]), bench.loader.incident, bench.keys)
    assert everything(bench.database) == before


def test_a_list_of_another_length_than_expected_is_refused(incident: Incident, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(SOUND, newline="")
    assert inspect(path, incident, KEYS, expected=2).accounts == 2
    with pytest.raises(ListRefused, match="line 3: 2 rows where 3 are expected"):
        inspect(path, incident, KEYS, expected=3)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["without a mark", "with a byte order mark"])
def test_utf_8_is_read_with_and_without_its_mark(mark: bytes, incident: Incident, tmp_path: Path) -> None:
    roster = sound(mark + text([row("stanisław.wójcik", "AFFECTED", "name"), BO]).encode(), incident, tmp_path)
    assert roster.tally.results == {"AFFECTED": 1, "NOT_AFFECTED": 1}


def test_columns_that_the_mapping_does_not_name_are_left_alone(incident: Incident, tmp_path: Path) -> None:
    wider = "".join(f'"a ""b"", c",{line}' for line in SOUND.splitlines(keepends=True))
    assert sound(wider, incident, tmp_path).accounts == 2


def test_a_line_break_within_quotes_is_part_of_the_cell(incident: Incident, tmp_path: Path) -> None:
    wider = "".join(f'"two\nlines",{line}' for line in SOUND.splitlines(keepends=True))
    assert sound(wider, incident, tmp_path).accounts == 2


def sound(content: str | bytes, incident: Incident, folder: Path) -> Roster:
    """What a list says."""
    path = folder / "list.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return inspect(path, incident, KEYS)


def refused(content: str | bytes, incident: Incident, folder: Path) -> ListRefused:
    """Why a list is not taken."""
    with pytest.raises(ListRefused) as refusal:
        sound(content, incident, folder)
    return refusal.value
