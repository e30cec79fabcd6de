"""Pwned passwords: a file made from a list, looked up where it lies, and refused whole where the list is wrong."""

import random
from hashlib import sha1
from pathlib import Path

import pytest
from flask import Flask

from portal.config import HalfConfigured
from portal.reset import pwned
from portal.reset.pwned import Pwned, Unfit
from tests.requirements import requirement
from tests.reset.bench import said_of, set_password
from tests.servers.app import MakePortal
from tests.servers.network import watched
from tests.visitor import Visitor

FOUND = "eleven grey herons under the pier"


def write_list(path: Path, *passwords: str, seen: int = 3) -> Path:
    """A list as it is given out: hash and count, ordered by hash."""
    hashes = sorted(sha1(one.encode(), usedforsecurity=False).hexdigest().upper() for one in passwords)
    path.write_text("".join(f"{one}:{seen}\r\n" for one in hashes))
    return path


@pytest.fixture
def held(tmp_path: Path) -> Path:
    """A file with one password that is good but for having been found."""
    target = tmp_path / "pwned.bin"
    pwned.build(write_list(tmp_path / "list.txt", FOUND, "née Æther"), target)
    return target


@requirement("PWD-03")
def test_each_password_of_the_list_is_found_and_no_other(tmp_path: Path) -> None:
    chance = random.Random(3)
    inside = [f"{chance.random()}" for _ in range(20_000)]
    told: list[int] = []
    source = write_list(tmp_path / "list.txt", *inside)
    made = pwned.build(source, tmp_path / "pwned.bin", progress=told.append)
    known = Pwned(tmp_path / "pwned.bin")
    assert all(one in known for one in inside)
    assert not any(f"{one}x" in known for one in inside)
    assert (made.passwords, made.size) == (20_000, (tmp_path / "pwned.bin").stat().st_size)
    assert made.size == pwned.OFFSETS.size + len(pwned.MAGIC) + 4 * 20_000
    assert sum(told) == source.stat().st_size
    assert not list(tmp_path.glob("*.part"))


def test_how_many_good_ones_it_refuses_is_as_it_says() -> None:
    million = pwned.Built(1_000_000, 4_524_304)
    assert million.one_in == 281_474_976
    assert pwned.Built(10**9, 0).one_in == 281_474


def test_only_what_was_seen_often_enough_is_taken(tmp_path: Path) -> None:
    source = write_list(tmp_path / "list.txt", FOUND, "another")
    assert pwned.build(source, tmp_path / "pwned.bin", at_least=4).passwords == 0
    assert FOUND not in Pwned(tmp_path / "pwned.bin")


@requirement("USE-09")
@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("{0}:1\n{0}:1\n", "line 2: out of order"),
        ("{1}:1\n{0}:1\n", "line 2: out of order"),
        ("{0}:1\npassword:1\n", "line 2: not a SHA-1"),
        ("{0}:1\n{1}:\n", "line 2: not a SHA-1"),
        ("{0}:1\n{1}", "line 2: not a SHA-1"),
    ],
)
def test_a_wrong_list_is_refused_with_its_line_and_leaves_no_file(tmp_path: Path, wrong: str, said: str) -> None:
    source, target = tmp_path / "list.txt", tmp_path / "pwned.bin"
    source.write_text(wrong.format("0" * 40, "F" * 40))
    with pytest.raises(Unfit, match=said):
        pwned.build(source, target)
    assert not target.exists()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize("content", [None, b"", b"something else", pwned.MAGIC + b"\0" * pwned.OFFSETS.size + b"more"])
def test_a_file_that_is_not_there_or_not_whole_stops_the_start(
    make_portal: MakePortal, tmp_path: Path, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "pwned.bin").write_bytes(content)
    with pytest.raises(HalfConfigured, match="PORTAL_BLOCKLIST"):
        make_portal(blocklist=tmp_path / "pwned.bin")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
class TestAtThePage:
    """With the file in the settings."""

    @pytest.fixture
    def portal(self, make_portal: MakePortal, held: Path) -> Flask:
        """An application that knows the file."""
        return make_portal(hashing="surge", blocklist=held)

    @requirement("PWD-03")
    @requirement("PWD-04")
    def test_what_was_found_is_refused_and_nobody_is_asked(self, emre: Visitor) -> None:
        with watched() as reached:
            answer = set_password(emre, FOUND)
        assert (answer.status, reached) == (400, [])
        assert said_of(answer).startswith("Attackers try this password first.")
        assert set_password(emre, f"{FOUND} tonight").location == "/next"

    def test_the_command_says_what_it_made(self, portal: Flask, tmp_path: Path) -> None:
        source = write_list(tmp_path / "other.txt", FOUND, "another")
        said = ["blocklist", "build", str(source), "--to", str(tmp_path / "other.bin")]
        told = portal.test_cli_runner().invoke(args=said).output
        assert "other.bin holds 2 passwords in 524,312 bytes." in told
        assert "It refuses one good password of 140,737,488,355,328." in told
