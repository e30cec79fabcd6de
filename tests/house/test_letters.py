"""A letter is a folder and a function: subject, plain text and HTML, in every language."""

import ast

from portal.config import ROOT
from tests.house import sources

FOLDER = ROOT / "templates" / "mail"
PARTS = {"subject.txt", "body.txt", "body.html"}
SHARED = {"parts"}  # what letters have in common


def test_every_letter_has_three_parts() -> None:
    folders = [folder for folder in FOLDER.iterdir() if folder.name not in SHARED]
    assert folders
    assert {folder.name: {path.name for path in folder.iterdir()} for folder in folders} == {
        folder.name: PARTS for folder in folders
    }


def test_every_letter_has_one_function() -> None:
    file = next(source for source in sources.portal() if source.name == "portal/mail/letters.py")
    functions = {node.name for node in file.tree.body if isinstance(node, ast.FunctionDef) and node.name[0] != "_"}
    assert functions == {folder.name.replace("-", "_") for folder in FOLDER.iterdir()} - SHARED
