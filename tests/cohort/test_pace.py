"""The pace: where the disk is slow, one transaction takes less, so that nobody waits long for SQLite's one writer."""

import pytest

from portal.cohort import lists, loading, pace
from portal.cohort.batches import Written
from portal.cohort.entries import Answer
from portal.cohort.pace import FEWEST, LONG, SHORT, Pace
from portal.cohort.sealed import Sealed
from tests.cohort.bench import Bench, people
from tests.requirements import requirement

ANSWERS = [Answer("AFFECTED", str(number)) for number in range(1_000)]
BETWEEN = (SHORT + LONG) / 2


def taken(held: Pace, *seconds: float) -> list[int]:
    """How many accounts each transaction takes of a piece after these that took so long."""
    for one in seconds:
        held.note(one)
    return [len(part.answers) for part in held.parts(Sealed(answers=ANSWERS))]


def test_a_long_one_halves_the_next_a_short_one_doubles_it_and_any_other_changes_nothing() -> None:
    assert taken(Pace(1_000)) == [250] * 4
    assert taken(Pace(1_000), BETWEEN) == [250] * 4
    assert taken(Pace(1_000), 0) == [500] * 2
    assert taken(Pace(1_000), 0, 0, 0, 0) == [1_000]
    assert taken(Pace(1_000), 0, 0, LONG * 2) == [500] * 2
    assert taken(Pace(1_000), *[LONG * 2] * 9) == [FEWEST] * 8


def test_the_parts_of_a_piece_say_together_what_it_says() -> None:
    names = {("aurora", 1): {str(place).encode(): (place, b"home") for place in range(0, 1_000, 3)}}
    whole = Sealed(
        [b"%d" % place for place in range(1_000)], [b"-%d" % place for place in range(1_000)], ANSWERS, names
    )
    held, said, begin = Pace(1_000), list[object](), 0
    held.note(LONG * 2)
    for part in held.parts(whole):
        said += zip(part.customers, part.exposures, part.answers, strict=True)
        here = range(begin, begin + len(part.answers))
        known = {name: place - begin for name, (place, _) in names["aurora", 1].items() if place in here}
        assert {name: place for name, (place, _) in part.names["aurora", 1].items()} == known
        begin += len(part.answers)
    assert said == list(zip(whole.customers, whole.exposures, whole.answers, strict=True))


@requirement("ENG-03")
def test_a_load_takes_less_at_a_time_on_a_slow_disk_and_as_much_in_all(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    for place in (lists, loading):
        monkeypatch.setattr(place, "SIZE", 1_000)
    bench.load(*people(700))
    monkeypatch.setattr(pace, "LONG", 0)
    told: list[int] = []
    _, written = bench.load(*people(2_101), progress=told.append)
    slow, quick = [250, *[125] * 14, 101], [250, 500, 250, 1_000, 101]
    assert told == (slow if bench.database.is_sqlite else quick)
    assert written == Written(new=1_401, same=700)
