"""Every file opens with one sentence, and every public function says what a caller needs."""

import ast
import re
from collections.abc import Iterator

from tests.house import sources
from tests.house.sources import Function

SECOND_SENTENCE = re.compile(r"[.!?]\s+[A-Z]")


def test_every_file_opens_with_one_sentence() -> None:
    def is_one(said: str) -> bool:
        return said.endswith((".", "?", "!", ".”")) and "\n\n" not in said and not SECOND_SENTENCE.search(said)

    said = {source.name: ast.get_docstring(source.tree) or "" for source in (*sources.portal(), *sources.tests())}
    assert {name: words for name, words in said.items() if not is_one(words)} == {}


def test_what_is_public_says_what_it_is() -> None:
    found = {source.name: list(_public(source.tree)) for source in sources.portal()}
    mute = {name: [what for what, node in held if not ast.get_docstring(node)] for name, held in found.items()}
    assert {name: what for name, what in mute.items() if what} == {}


def _public(parent: ast.Module | ast.ClassDef) -> Iterator[tuple[str, Function | ast.ClassDef]]:
    for node in parent.body:
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_"):
            yield node.name, node
            if isinstance(node, ast.ClassDef):
                yield from ((f"{node.name}.{name}", inner) for name, inner in _public(node))
