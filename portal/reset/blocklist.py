"""The blocklist: passwords that attackers try first; looked up here, never sent anywhere (PWD-03, PWD-04)."""

import re
from collections.abc import Iterable
from functools import cache

from zxcvbn import zxcvbn
from zxcvbn.frequency_lists import FREQUENCY_LISTS

ZXCVBN_READS = 72  # it refuses longer ones
GUESSABLE = 1  # zxcvbn's scores of 0 and 1: less than a million guesses
WORD = re.compile(r"[^\W\d_]{4,}")
NOT_LETTERS = re.compile(r"[\W\d_]+")


def is_blocked(password: str, context: Iterable[str]) -> bool:
    """Whether it is well known, made of the context's words and little else, or guessed at once."""
    plain, words = password.casefold(), [word.casefold() for word in context]
    bare = NOT_LETTERS.sub("", plain)
    if plain in _common() or bare in _common():
        return True
    rest = bare
    for word in sorted(words, key=len, reverse=True):
        rest = rest.replace(NOT_LETTERS.sub("", word), "")
    if bare and len(rest) < len(bare) / 3:
        return True
    return int(zxcvbn(plain[:ZXCVBN_READS], user_inputs=words)["score"]) <= GUESSABLE


def words_of(*texts: str) -> list[str]:
    """The words of brands, products and addresses that nobody should build a password from."""
    return [word for text in texts for word in WORD.findall(text)]


@cache
def _common() -> frozenset[str]:
    return frozenset(FREQUENCY_LISTS["passwords"])
