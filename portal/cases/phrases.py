"""Phrases: four plain words by chance, easy to say, to write down and to type; 44 bits."""

import re
import secrets
from functools import cache
from pathlib import Path

WORDS = Path(__file__).with_name("words.txt")
LENGTH = 4
LONGEST = 200
WORD = re.compile(r"[^\W\d_]+")


@cache
def words() -> tuple[str, ...]:
    """The 2,048 words, none of which sounds like another."""
    return tuple(WORDS.read_text(encoding="utf-8").split())


def fresh_phrase() -> str:
    """Four words, each drawn by itself."""
    return " ".join(secrets.choice(words()) for _ in range(LENGTH))


def read_phrase(typed: str) -> str:
    """The phrase as it was given, from what a person typed: any case, commas, dashes; an empty text if it is none."""
    found = WORD.findall(typed[:LONGEST].casefold())
    return " ".join(found) if len(found) == LENGTH else ""
