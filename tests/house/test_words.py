"""Words that have no place here: this machine's paths, registries, notes to ourselves, and ways around the origins."""

import re

import pytest

from portal.config import ROOT
from tests.house.sources import kept, portal

BINARY = {".png", ".jpg", ".ico", ".woff2", ".gz", ".mo", ".pdf"}
NOT_OURS = ("static/vendor/", "tests/data/")

FORBIDDEN = {
    "a path of one machine": re.compile(r"(?<![\w.])/(?:root|home|work|Users)/\w"),
    "a registry's address": re.compile(
        r"pypi\.org|pythonhosted\.org|npmjs\.(?:org|com)|deb\.debian\.org|crates\.io", re.IGNORECASE
    ),
    "a note to ourselves": re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X|HA" + r"CK)\b"),
    "a conflict": re.compile(r"^(?:<{7}|>{7}) ", re.MULTILINE),
}
# What would let a request decide where our links point (LNK-20).
ASKS_THE_REQUEST = re.compile(
    r"_external\s*=\s*True|request\.host\b|host_url|url_root|request\.base_url|request\.url\b|HTTP_HOST"
)
READS_THE_HOST = "portal/web/origins.py"


def test_no_file_says_what_has_no_place_here() -> None:
    found = {path: path.relative_to(ROOT).as_posix() for path in kept() if path.suffix not in BINARY}
    texts = {name: path.read_text(encoding="utf-8") for path, name in found.items() if not name.startswith(NOT_OURS)}
    faults = {name: [what for what, words in FORBIDDEN.items() if words.search(text)] for name, text in texts.items()}
    assert {name: what for name, what in faults.items() if what} == {}


def test_no_header_of_a_request_makes_a_link() -> None:
    readers = [source for source in portal() if "flask" in source.imports() and ASKS_THE_REQUEST.search(source.text)]
    assert [source.name for source in readers if source.name != READS_THE_HOST] == []


@pytest.mark.parametrize("lock", ["portal.lock", "development.lock", "installer.lock"])
def test_a_lock_pins_by_hash_and_names_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    assert "://" not in text
    assert text.count("==") <= text.count("--hash=sha256:")


def test_tests_run_with_the_versions_that_are_delivered() -> None:
    def pins(lock: str) -> set[str]:
        return set(re.findall(r"^[\w.-]+==[\w.]+", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE))

    assert pins("portal.lock") <= pins("development.lock")
