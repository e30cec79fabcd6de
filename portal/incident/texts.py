"""Long texts: Markdown without HTML or pictures, cut into titled passages, in the look of our pages."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

LOOKS = {
    "h2": "govuk-heading-m",
    "h3": "govuk-heading-s",
    "p": "govuk-body",
    "ul": "govuk-list govuk-list--bullet",
    "ol": "govuk-list govuk-list--number",
    "a": "govuk-link",
}
# An address inside a link would end up in logs and previews, so texts show addresses as plain words.
SAFE_LINK = re.compile(r"https://[^@]+|/[^/@][^@]*|/|#[\w-]+")


@dataclass(frozen=True)
class Passage:
    """A titled part of a text; the anchor is the same in every language."""

    anchor: str
    title: str
    body: Markup


@dataclass(frozen=True)
class Text:
    """A text: its title if it has one, what comes before the first heading, and its passages."""

    title: str
    lead: Markup
    passages: tuple[Passage, ...]


def read_text(markdown: str, carried: str = "") -> Text:
    """The text in Markdown; `carried` is a query that links to our own pages take along."""
    tokens = list(_dressed(_parser().parse(markdown), carried))
    title, tokens = _title(tokens)
    starts = [place for place, token in enumerate(tokens) if token.type == "heading_open" and token.tag == "h2"]
    lead = _render(tokens[: starts[0]] if starts else tokens)
    parts = [tokens[start:end] for start, end in pairwise([*starts, len(tokens)])]
    passages = (Passage(f"part-{number}", part[1].content, _render(part[3:])) for number, part in enumerate(parts, 1))
    return Text(title, lead, tuple(passages))


def unsafe_links(markdown: str) -> list[str]:
    """Links that are neither https nor to a page of ours, or that carry an address."""
    return [link for link in _links(_parser().parse(markdown)) if not SAFE_LINK.fullmatch(link)]


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).disable(["image", "autolink"])


def _render(tokens: list[Token]) -> Markup:
    # Safe: the parser escapes everything, and knows no HTML of the writer's.
    return Markup(_parser().renderer.render(tokens, _parser().options, {}))  # noqa: S704


def _title(tokens: list[Token]) -> tuple[str, list[Token]]:
    if tokens and tokens[0].type == "heading_open" and tokens[0].tag == "h1":
        return tokens[1].content, tokens[3:]
    return "", tokens


def _every(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _every(token.children or [])


def _links(tokens: list[Token]) -> Iterator[str]:
    yield from (str(token.attrGet("href")) for token in _every(tokens) if token.type == "link_open")


def _dressed(tokens: list[Token], carried: str) -> list[Token]:
    for token in _every(tokens):
        if token.nesting == 1 and token.tag in LOOKS:
            token.attrSet("class", LOOKS[token.tag])
        target = str(token.attrGet("href") or "")
        if carried and target.startswith("/"):
            path, hash_, anchor = target.partition("#")
            token.attrSet("href", f"{path}?{carried}{hash_}{anchor}")
    return tokens
