"""The spool: what a list says comes back in the order of its names, however long it is and as often as it is asked."""

import gc
from itertools import chain
from pathlib import Path

import pytest

from portal.cohort import lists, spool
from portal.cohort.entries import Answer, Entry, Kind
from portal.cohort.spool import Row, Sheet, Spool, digest_of, opened
from portal.identity.addresses import read
from portal.sealing import KeyRing

KEYS = KeyRing.fresh()
KINDS = [Kind("stagelight-uk", country, "en", frozenset(), Answer("NOT_AFFECTED", "")) for country in ("GB", "IE")]


def entry(number: int) -> Entry:
    """A made-up customer."""
    return Entry(KINDS[number % 2], f"customer{number}", read(f"customer{number}@mail.example"))


def held(accounts: int) -> Spool:
    """A spool of so many, a hundred on each sheet."""
    made = Spool()
    for begin in range(0, accounts, 100):
        sheet = Sheet()
        for number in range(begin, min(begin + 100, accounts)):
            sheet.add(KEYS.mac("a name", str(number)), entry(number))
        made.add(sheet.kinds, sheet.packed())
    return made


def rows(made: Spool, after: int = 0) -> list[Row]:
    """What it says."""
    return list(chain.from_iterable(made.sheets(after)))


@pytest.mark.parametrize("block", [1, 1_000, 1_000_000])
def test_everything_comes_back_by_its_name_without_what_was_loaded(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "BLOCK", block)
    monkeypatch.setattr(lists, "SIZE", 70)
    made = held(1_050)
    told = rows(made)
    assert [opened(row)[0] for row in told] == sorted(KEYS.mac("a name", str(number)) for number in range(1_050))
    said = {(made.kinds[digest_of(row)], *opened(row)[1:]) for row in told}
    every = map(entry, range(1_050))
    assert said == {(one.kind, one.reference, one.address.stored, one.address.canonical) for one in every}
    assert {len(sheet) for sheet in made.sheets(0)} == {70}
    assert [rows(made, after) == told[after:] for after in (0, 1, 69, 700, 1_050)] == [True] * 5


def test_a_kind_is_kept_once_whatever_the_order_of_its_flags() -> None:
    flags = [f"flag{number}" for number in range(30)]
    one, other = (KINDS[0]._replace(flags=frozenset(order)) for order in (flags, flags[::-1]))
    kinds: dict[bytes, Kind] = {}
    for kind in (one, other, KINDS[0]):
        sheet = Sheet()
        sheet.add(bytes(32), entry(0)._replace(kind=kind))
        kinds |= sheet.kinds
    assert set(kinds.values()) == {one, KINDS[0]}
    assert len(kinds) == 2


def test_nothing_of_a_spool_is_left_open_or_has_a_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(spool, "BLOCK", 1)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    made = held(100)
    assert len(open_in(tmp_path)) == 1
    assert list(tmp_path.iterdir()) == []
    del made
    gc.collect()
    assert open_in(tmp_path) == []


def open_in(folder: Path) -> list[str]:
    """The files of a folder that this process has open."""
    links = [str(file.readlink()) for file in Path("/proc/self/fd").iterdir() if file.is_symlink()]
    return [link for link in links if link.startswith(str(folder))]
