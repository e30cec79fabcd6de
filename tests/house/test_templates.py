"""Templates hold no bare words: each goes through a translation; and none has inline script or style."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

from jinja2 import Environment, nodes

from portal.config import ROOT
from tests.house import sources

TRANSLATORS = {"_", "gettext", "ngettext", "pgettext"}
WORD = re.compile(r"[A-Za-z]{3,}")
SENTENCE = re.compile(r"^[A-Z][a-z]+[ a-z’]* [a-z]")
INLINE = re.compile(r"\sstyle\s*=|<style\b|\son[a-z]+\s*=|<script(?![^>]*\bsrc=)", re.IGNORECASE)
LETTERS = ROOT / "templates" / "mail"  # mail programs read no style sheet, so letters may hold styles
MACHINERY = Environment(extensions=["jinja2.ext.i18n", "jinja2.ext.do"], autoescape=True)


class Words(HTMLParser):
    """The words of a page, without its tags."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._skipped = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Styles of letters are no words."""
        self._skipped = tag if tag == "style" else self._skipped

    def handle_endtag(self, tag: str) -> None:
        """They end here."""
        self._skipped = "" if tag == self._skipped else self._skipped

    def handle_data(self, data: str) -> None:
        """Collect words."""
        if not self._skipped and WORD.search(data):
            self.found.append(data.strip())


def bare(path: Path) -> list[str]:
    """The words of a template that no translator sees."""
    tree = MACHINERY.parse(path.read_text(encoding="utf-8"))
    if path.suffix == ".html":
        found = Words("h1".join(piece.data for piece in tree.find_all(nodes.TemplateData))).found
    else:
        found = [piece.data for piece in tree.find_all(nodes.TemplateData) if WORD.search(piece.data)]
    return [*found, *_sentences(tree)]


def _sentences(node: nodes.Node) -> Iterator[str]:
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name in TRANSLATORS:
        return
    if isinstance(node, nodes.Const) and isinstance(node.value, str) and SENTENCE.search(node.value):
        yield node.value
    for child in node.iter_child_nodes():
        yield from _sentences(child)


def test_every_word_can_be_translated() -> None:
    found = {path.relative_to(ROOT).as_posix(): bare(path) for path in sources.templates() if path.suffix != ".svg"}
    shown = {name: words for name, words in found.items() if words and not name.startswith("templates/dev/")}
    assert shown == {}


def test_no_page_has_script_or_style_of_its_own() -> None:
    pages = [path for path in sources.templates() if not path.is_relative_to(LETTERS)]
    assert [path.name for path in pages if INLINE.search(path.read_text(encoding="utf-8"))] == []
