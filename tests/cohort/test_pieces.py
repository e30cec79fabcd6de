"""Pieces: however a list is cut, and whoever reads the pieces, it says the same."""

import csv
import dataclasses
import gzip
import io
import math
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from portal.cohort import lists, repeats
from portal.cohort.batches import Written
from portal.cohort.faults import ListRefused
from portal.cohort.lists import CustomerList
from portal.cohort.roster import inspect
from portal.identity.customers import stored_address
from portal.incident.file import Incident
from portal.sealing import KeyRing
from tests.cohort.bench import Bench, people, row, text
from tests.requirements import requirement

KEYS = KeyRing.fresh()

CELLS = st.text(st.sampled_from("ab ,;\"\n'é界\u2028\x0b\ufeff"), max_size=6)


@given(rows=st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=12), size=st.integers(1, 4), marked=st.booleans())
@example(rows=[("a\nb", '"'), ("", "\ufeff")], size=1, marked=True)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
def test_a_list_in_pieces_is_the_list(
    rows: list[tuple[str, str]], size: int, marked: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet = io.StringIO()
    csv.writer(sheet).writerows([("one", "two"), *rows])
    path = tmp_path / "list.csv"
    path.write_bytes((b"\xef\xbb\xbf" if marked else b"") + sheet.getvalue().encode())
    monkeypatch.setattr(lists, "SIZE", size)
    listed = CustomerList(path, ("two", "one"))
    assert [(row["one"], row["two"]) for _, row in listed.rows()] == rows
    assert listed.faults.total == 0
    assert len(list(listed.pieces())) == math.ceil(len(rows) / size)


@requirement("USE-09")
def test_faults_of_all_pieces_are_told_in_the_order_of_the_lines(
    incident: Incident, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lists, "SIZE", 500)
    rows = [*people(1_200), *({**one, "country": "XX"} for one in people(1_260)[1_200:]), *people(2_000)[1_300:]]
    rows[700] = {**rows[700], "email": "nobody"}
    rows.insert(20, rows[3])
    refusal = refused(text(rows), incident, tmp_path)
    assert refusal.faults.total == 62
    assert [fault.line for fault in refusal.faults.first] == [22, 703, *range(1_203, 1_251)]
    assert refusal.faults.first[0].reason == "the same brand and reference as in line 5"


@pytest.mark.parametrize("in_memory", [1, 1_000_000])
def test_repeats_are_found_in_memory_and_beyond(
    in_memory: int, incident: Incident, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(repeats, "IN_MEMORY", in_memory)
    monkeypatch.setattr(repeats, "PARTS", 3)
    monkeypatch.setattr(lists, "SIZE", 500)
    rows = people(2_500)
    path = tmp_path / "list.csv"
    path.write_text(text(rows), newline="")
    assert inspect(path, incident, KEYS).accounts == 2_500
    refusal = refused(text([*rows, *rows[1_000:1_010]]), incident, tmp_path)
    said = [(fault.line, fault.reason.rpartition(" ")[2]) for fault in refusal.faults.first]
    assert said == [(2_502 + number, str(1_002 + number)) for number in range(10)]


def test_broken_lines_without_end_are_read_in_pieces(incident: Incident, tmp_path: Path) -> None:
    lines = ['"a" b,c\n'] * 5_000
    refusal = refused(text(people(1)) + "".join(lines), incident, tmp_path)
    assert (refusal.faults.total, refusal.faults.first[0].line) == (5_000, 3)


@requirement("USE-09")
def test_a_packed_list_is_read_and_one_that_was_cut_off_is_refused(incident: Incident, tmp_path: Path) -> None:
    path = tmp_path / "list.csv.gz"
    packed = gzip.compress(text(people(40)).encode())
    path.write_bytes(packed)
    assert inspect(path, incident, KEYS).accounts == 40
    for damaged in (packed[:-9], packed[:4], packed[4:], packed[:30] + bytes(20) + packed[50:]):
        path.write_bytes(damaged)
        with pytest.raises(ListRefused, match="the packed file is damaged, or was cut off"):
            inspect(path, incident, KEYS)


@requirement("ENG-01")
def test_other_processes_seal_as_we_do(bench: Bench) -> None:
    bench.load(row("amara", "AFFECTED", "name"))
    bench.loader = dataclasses.replace(bench.loader, processes=1)
    assert bench.load(row("amara"), row("bo"), *people(2_100)) == (2, Written(new=2_101, changed=1))
    [amara] = bench.accounts_of("amara")
    assert stored_address(bench.keys, amara) == "amara@mail.example"
    assert [bench.answer_for(name).result for name in ("amara", "bo")] == ["WITHDRAWN", "NOT_AFFECTED"]


def test_other_processes_check_as_we_do(incident: Incident, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text(text([*people(2_100), row("amara", "AFFECTED", "name")]), newline="")
    assert inspect(path, incident, KEYS, processes=1) == inspect(path, incident, KEYS)


def refused(content: str, incident: Incident, folder: Path) -> ListRefused:
    """Why a list is not taken."""
    path = folder / "list.csv"
    path.write_text(content, newline="")
    with pytest.raises(ListRefused) as refusal:
        inspect(path, incident, KEYS)
    return refusal.value
