"""The spool: what a list says comes back as it was, however long it is and as often as it is asked."""

import gc
from pathlib import Path

import pytest

from portal.cohort import spool
from portal.cohort.spool import Spool


@pytest.mark.parametrize("in_memory", [1, 1_000_000])
def test_sheets_come_back_in_their_order_without_those_that_were_loaded(
    in_memory: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spool, "IN_MEMORY", in_memory)
    held = Spool()
    for sheet in (b"one", b"", b"three"):
        held.add(sheet, rows=10)
    assert [list(held.sheets(after)) for after in (0, 10, 14, 20, 0)] == [
        [(b"one", 0), (b"", 0), (b"three", 0)],
        [(b"", 0), (b"three", 0)],
        [(b"", 4), (b"three", 0)],
        [(b"three", 0)],
        [(b"one", 0), (b"", 0), (b"three", 0)],
    ]


def test_nothing_of_a_spool_is_left_open_or_has_a_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(spool, "IN_MEMORY", 1)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    held = Spool()
    held.add(b"amara@mail.example", rows=1)
    assert len(opened(tmp_path)) == 1
    assert list(tmp_path.iterdir()) == []
    del held
    gc.collect()
    assert opened(tmp_path) == []


def opened(folder: Path) -> list[str]:
    """The files of a folder that this process has open."""
    links = [str(file.readlink()) for file in Path("/proc/self/fd").iterdir() if file.is_symlink()]
    return [link for link in links if link.startswith(str(folder))]
