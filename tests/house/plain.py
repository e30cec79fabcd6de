"""How hard a text is to read: the grade of Flesch and Kincaid, with a counter of syllables of our own."""

import re
from collections.abc import Iterable
from html.parser import HTMLParser

WORD = re.compile(r"[A-Za-z]+(?:[’'][a-z]+)?")
# What is no prose: addresses, links, codes, numbers and what stands in brackets after a time.
NOT_PROSE = re.compile(r"https?://\S+|\S+@\S+|\b[0-9A-Z]{4}-[0-9A-Z]{4}\b|\([^)]*\)")
SENTENCE_ENDS = re.compile(r"[.!?:]+(?:\s|$)")
BLOCKS = {"p", "li", "h1", "h2", "h3", "dd", "dt", "label", "div", "td", "br", "a", "button"}
# An e that nobody hears: made, makes, named; but table, pages, listed. Within a word: statement, careful, someone.
SILENT = re.compile(
    r"(?<![aeiouyl])es?$(?<![sxzcgh]es)|(?<=[aeiouy]l)es?$|(?<![aeiouytd])e(?=d$)"
    r"|(?<=[^aeiouy])e(?=(?:ments?|ful|less|ly|body|one|thing|where)$)|(?<=qu)e$"
)
SOUNDS = re.compile(r"[aeiouy]+")
# Vowels that stand together and are two sounds.
SPLIT = re.compile(r"ia(?!l)|io(?!n|u)|[rvd]ious|(?:cr|id|ar)ea|[^q]ui(?=ng)|[yeo]ing|iet|[^aeiou]ier$|anyone")


class Prose(HTMLParser):
    """The blocks of a page's main part that end like a sentence."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.blocks: list[str] = [""]
        self._inside = "<main" not in html
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A block begins."""
        self._inside = self._inside or tag == "main"
        self.blocks += [""] if tag in BLOCKS - {"a"} else []

    def handle_endtag(self, tag: str) -> None:
        """A block ends; after the main part nothing counts."""
        self._inside = self._inside and tag != "main"
        self.blocks += [""] if tag in BLOCKS - {"a"} else []

    def handle_data(self, data: str) -> None:
        """Collect what is said."""
        self.blocks[-1] += data if self._inside else ""


def prose_of_page(html: str) -> str:
    """The sentences of a page, one block a line."""
    return _sentences(Prose(html).blocks)


def prose_of_letter(plain: str) -> str:
    """The sentences of a letter's plain text, one paragraph a line."""
    return _sentences(plain.replace("\r", "").split("\n\n"))


def syllables(word: str) -> int:
    """About how many syllables an English word has."""
    said = word.lower().partition("’")[0]
    heard = SILENT.sub("", said)
    return max(1, len(SOUNDS.findall(heard)) + len(SPLIT.findall(said)))


def grade(text: str) -> float:
    """The school years that a reader needs (Kincaid and others, 1975)."""
    words = WORD.findall(text)
    sentences = sum(max(1, len(SENTENCE_ENDS.findall(line))) for line in text.splitlines() if WORD.search(line))
    return 0.39 * len(words) / sentences + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def _sentences(blocks: Iterable[str]) -> str:
    said = (" ".join(NOT_PROSE.sub("", block).split()) for block in blocks)
    return "\n".join(block for block in said if block.endswith((".", "!", "?", ":")))
