"""`flask dev requirements`: which requirement is proved by which tests."""

import ast
import tomllib
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import click

from portal.config import ROOT

LIST = Path(__file__).with_name("requirements.toml")
TESTS = ROOT / "tests"
MARK = "requirement"

Marked = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def known() -> dict[str, str]:
    """Every requirement by its id, in one sentence."""
    chapters = tomllib.loads(LIST.read_text(encoding="utf-8")).values()
    return {name: sentence for chapter in chapters for name, sentence in chapter.items()}


def proofs(folder: Path = TESTS) -> dict[str, list[str]]:
    """The tests that are marked with each id, as `identity/test_links.py::test_name`."""
    found: dict[str, list[str]] = defaultdict(list)
    for path in sorted(folder.rglob("test_*.py")):
        for name, test in _marks(ast.parse(path.read_text(encoding="utf-8"))):
            found[name].append(f"{path.relative_to(folder)}::{test}")
    return dict(found)


@click.command("requirements")
@click.option("--missing", is_flag=True, help="Name only those that no test proves.")
def requirements(missing: bool) -> None:
    """List every requirement and the tests that prove it."""
    wanted, proved = known(), proofs()
    for name, sentence in wanted.items():
        tests = proved.get(name, [])
        if missing and tests:
            continue
        click.echo(f"{name}  {sentence}")
        for test in tests or ["no test"]:
            click.echo(f"        {test}")
    _judge(set(wanted), set(proved))


def _judge(wanted: set[str], proved: set[str]) -> None:
    if strange := sorted(proved - wanted):
        raise click.ClickException(f"Marked, but not in {LIST.name}: {', '.join(strange)}.")
    if unproved := sorted(wanted - proved):
        raise click.ClickException(f"{len(unproved)} of {len(wanted)} have no test: {', '.join(unproved)}.")
    click.echo(f"Each of the {len(wanted)} requirements has a test.")


def _marks(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, Marked):
            for mark in node.decorator_list:
                yield from ((name, node.name) for name in _ids(mark))


def _ids(mark: ast.expr) -> Iterator[str]:
    if isinstance(mark, ast.Call) and ast.unparse(mark.func).rpartition(".")[2] == MARK:
        yield from (str(word.value) for word in mark.args if isinstance(word, ast.Constant))
