"""Guessing: what makes a password quick to guess, by zxcvbn's matchers but the two whose time has no bound."""

import re
from collections.abc import Collection
from enum import Enum
from itertools import chain

from zxcvbn import matching, scoring

SOON = 10**6  # guesses; zxcvbn's scores of 0 and 1
READS = 32  # signs; three parts make more guesses than that, so what can be guessed soon shows it by here
# zxcvbn's matchers of repeats and of look-alikes may take seconds for one password, and hold the whole process.
REPEATED = re.compile(r"(.{1,12}?)\1{2,}", re.DOTALL)
LOOK_ALIKES = "4@8({[<3690$5+%2"
MEANT = "aabcccceggosstxz"
AMBIGUOUS = (("1!|7", "iiit"), ("1!|7", "lill"))
WORDS = {word: rank for ranks in reversed(matching.RANKED_DICTIONARIES.values()) for word, rank in ranks.items()}


class Weakness(Enum):
    """Why a password would be guessed soon."""

    COMMON = "common"
    OURS = "ours"
    REPEATED = "repeated"
    ROW = "row"
    DATE = "date"
    GUESSED = "guessed"


PATTERNS = {
    "spatial": Weakness.ROW,
    "sequence": Weakness.ROW,
    "date": Weakness.DATE,
    "regex": Weakness.DATE,  # zxcvbn's only one is of years
}


def spellings(password: str) -> list[str]:
    """The password as guessing programs see it: in small letters, and with its look-alikes undone."""
    small = password.casefold()
    tables = (str.maketrans(LOOK_ALIKES + signs, MEANT + letters) for signs, letters in AMBIGUOUS)
    return [small, *(small.translate(table) for table in tables)]


def weakness_of(password: str, words: Collection[str]) -> Weakness | None:
    """Why it would be guessed within a million tries, given words that belong to its owner or to us; or None."""
    once = REPEATED.sub(r"\1", password.casefold())
    found = (_guessed(spelling, words) for spelling in dict.fromkeys(spellings(once[:READS])))
    weakness = next(filter(None, found), None)
    return Weakness.REPEATED if weakness and len(once) < len(password) else weakness


def _guessed(read: str, words: Collection[str]) -> Weakness | None:
    # A dictionary of our own for each call: zxcvbn itself would keep one visitor's words for the next.
    known = {"words": WORDS, "ours": {word: rank for rank, word in enumerate(words, 1)}}
    matches = chain(
        matching.dictionary_match(read, known),
        matching.reverse_dictionary_match(read, known),
        matching.spatial_match(read),
        matching.sequence_match(read),
        matching.regex_match(read),
        matching.date_match(read),
    )
    result = scoring.most_guessable_match_sequence(read, sorted(matches, key=lambda match: (match["i"], match["j"])))
    if result["guesses"] >= SOON:
        return None
    longest = max(result["sequence"], key=lambda part: len(part["token"]), default=None)
    return PATTERNS.get(longest["pattern"], Weakness.GUESSED) if longest else Weakness.GUESSED
