"""Every postbox that has no relay: what goes in comes out whole, to the right reader."""

from pathlib import Path

import pytest

from portal.mail.postboxes import POSTBOXES, Unavailable, open_postboxes
from portal.mail.postboxes.file import FilePostbox
from portal.mail.postboxes.memory import MemoryPostbox
from tests.servers.ground import MakeSettings

LETTERS = [f"Subject: {number}\r\n\r\nZürich\r\n".encode() for number in range(20)]
OURS, TO = "letters@stagelight.example", "amara@mail.example"


def test_the_settings_choose_the_postbox(settings: MakeSettings) -> None:
    for name, kind in POSTBOXES.items():
        (box,) = open_postboxes(settings(postbox=name, smtp_host="127.0.0.1"))
        assert isinstance(box, kind)


def test_a_memory_postbox_keeps_letters_in_their_order(settings: MakeSettings) -> None:
    box = MemoryPostbox(settings())
    assert {box.deliver(letter, sender=OURS, to=TO)[:3] for letter in LETTERS} == {"250"}
    assert box.letters == [(TO, letter) for letter in LETTERS]


def test_files_sort_by_name_in_the_order_of_their_letters(settings: MakeSettings) -> None:
    box = FilePostbox(settings(postbox="file"))
    for letter in LETTERS:
        box.deliver(letter, sender=OURS, to=TO)
    folder: Path = box.settings.within(box.settings.letters)
    assert [path.read_bytes() for path in sorted(folder.iterdir())] == LETTERS
    assert {path.suffix for path in folder.iterdir()} == {".eml"}


def test_a_letter_that_is_still_written_is_found_by_nobody(
    settings: MakeSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    box = FilePostbox(settings(postbox="file"))
    folder: Path = box.settings.within(box.settings.letters)
    found: list[tuple[int, int]] = []
    monkeypatch.setattr(
        "os.fsync", lambda _: found.append((len(list(folder.iterdir())), len(list(folder.glob("*.eml")))))
    )
    box.deliver(LETTERS[0], sender=OURS, to=TO)
    assert found == [(1, 0)]


def test_a_folder_that_cannot_be_written_is_an_outage(settings: MakeSettings) -> None:
    box = FilePostbox(settings(postbox="file"))
    box.settings.within(box.settings.letters).write_text("a file stands where the folder should be")
    with pytest.raises(Unavailable):
        box.deliver(LETTERS[0], sender=OURS, to=TO)
