"""Made-up people: the same for the same seed, from all over the world, odd as real ones are, and sound as a list."""

import csv
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from portal.cohort.roster import inspect
from portal.dev.people import made_up, people
from portal.identity.addresses import read
from portal.incident import file
from portal.sealing import KeyRing
from tests.servers.ground import EXAMPLE


def made(folder: Path, *words: str) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Customers and purchases."""
    listed, bought = folder / "people.csv", folder / "purchases.csv"
    told = CliRunner().invoke(people, [*words, "--purchases", str(bought), str(listed)])
    assert told.output == "3,004 accounts were written.\n"
    with listed.open(encoding="utf-8") as customers, bought.open(encoding="utf-8") as purchases:
        return list(csv.DictReader(customers)), list(csv.DictReader(purchases))


def test_a_seed_gives_the_same_people_and_another_gives_others(tmp_path: Path) -> None:
    first, again, other = (made(tmp_path, "--count=3000", f"--seed={seed}") for seed in (7, 7, 8))
    assert first == again
    assert first[0][4:] != other[0][4:]
    assert first[1] != other[1]


def test_they_are_a_sound_list_and_odd_enough(tmp_path: Path) -> None:
    customers, purchases = made(tmp_path, "--count=3000", "--seed=1")
    roster = inspect(tmp_path / "people.csv", file.read(EXAMPLE), KeyRing.fresh())
    assert roster.accounts == 3_004
    assert min(roster.tally.results.values()) > 200
    assert len({one["country"] for one in customers}) > 150
    addresses = Counter(read(one["email"]).canonical for one in customers)
    assert sum(shared > 1 for shared in addresses.values()) > 50
    assert sum(repeats > 1 for repeats in Counter(one["customer"] for one in customers).values()) > 20
    for odd in (str.isupper, lambda address: "+" in address, lambda address: not address.isascii()):
        assert sum(map(odd, (one["email"] for one in customers))) > 20
    assert {one["customer"] for one in purchases} < {one["customer"] for one in customers}
    assert any(times > 1 for times in Counter(map(str, purchases)).values()), "somebody pressed the button twice"


def test_nobody_is_listed_twice_at_one_brand_however_odd_all_are(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.dev.people.ODD", 1)
    listed = [(row[0], row[3]) for row in made_up(10_000, 1)]
    assert len(set(listed)) == len(listed)
