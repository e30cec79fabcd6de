"""The blocklist: passwords that attackers try first; looked up here, never sent anywhere (PWD-03, PWD-04)."""

import re
from collections.abc import Iterable
from functools import cache

from zxcvbn.frequency_lists import FREQUENCY_LISTS

from portal.reset.guessing import Weakness, spellings, weakness_of

WORD = re.compile(r"[^\W\d_]{4,}")
NOT_LETTERS = re.compile(r"[\W\d_]+")
EDGES = re.compile(r"^[\W\d_]+|[\W\d_]+$")  # what people add to a word to make it pass


def why_blocked(password: str, context: Iterable[str]) -> Weakness | None:
    """Whether it is well known, made of the context's words and little else, or guessed soon; or None."""
    words, small = [word.casefold() for word in context], password.casefold()
    cores = [NOT_LETTERS.sub("", spelling) for spelling in spellings(EDGES.sub("", small))]
    if small in _common() or any(core in _common() and len(core) * 3 >= len(small) for core in cores):
        return Weakness.COMMON
    if any(_is_made_of(words, core) for core in cores):
        return Weakness.OURS
    return weakness_of(password, words)


def words_of(*texts: str) -> list[str]:
    """The words of brands, products and addresses that nobody should build a password from."""
    return [word for text in texts for word in WORD.findall(text)]


def _is_made_of(words: Iterable[str], letters: str) -> bool:
    rest = letters
    for word in sorted(words, key=len, reverse=True):
        rest = rest.replace(word, "")
    return len(rest) < len(letters) / 3


@cache
def _common() -> frozenset[str]:
    return frozenset(FREQUENCY_LISTS["passwords"])
