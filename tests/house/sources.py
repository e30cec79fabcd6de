"""The portal's own sources, read once, for the tests that look at them."""

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path

from portal.config import ROOT

Function = ast.FunctionDef | ast.AsyncFunctionDef
GENERATED = "portal/migrations/versions/"


@dataclass(frozen=True, eq=False)
class Source:
    """One Python file."""

    path: Path

    @property
    def name(self) -> str:
        """Its path from the top."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def module(self) -> str:
        """Its dotted name."""
        parts = self.path.relative_to(ROOT).with_suffix("").parts
        return ".".join(part for part in parts if part != "__init__")

    @property
    def room(self) -> str:
        """The room it stands in, or its own name on the ground floor; `portal` for the house itself."""
        parts = self.path.relative_to(ROOT / "portal").parts
        return "portal" if parts == ("__init__.py",) else parts[0].removesuffix(".py")

    @property
    def text(self) -> str:
        """What it holds."""
        return self.path.read_text(encoding="utf-8")

    @property
    def tree(self) -> ast.Module:
        """Its syntax."""
        return _parsed(self.path)

    def functions(self) -> Iterator[Function]:
        """Every function, nested ones too."""
        return (node for node in ast.walk(self.tree) if isinstance(node, Function))

    def imports(self) -> Iterator[str]:
        """Every module that it imports; `from portal.mail import outbox` gives `portal.mail.outbox`."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                yield from _named(node.module, [alias.name for alias in node.names])


@cache
def portal() -> tuple[Source, ...]:
    """The portal's files, but for the steps of migrations, which are written once and left alone."""
    found = sorted((ROOT / "portal").rglob("*.py"))
    return tuple(source for source in map(Source, found) if not source.name.startswith(GENERATED))


@cache
def tests() -> tuple[Source, ...]:
    """The tests' files."""
    return tuple(Source(path) for path in sorted((ROOT / "tests").rglob("*.py")))


@cache
def kept() -> tuple[Path, ...]:
    """Every file that the repository keeps, or would keep."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    return tuple(ROOT / name for name in names if name and (ROOT / name).is_file())


def templates() -> Iterator[Path]:
    """The templates of pages and letters."""
    return (path for path in kept() if path.is_relative_to(ROOT / "templates"))


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _named(package: str, names: list[str]) -> Iterator[str]:
    for name in names:
        place = ROOT.joinpath(*package.split("."), name)
        is_module = place.with_suffix(".py").exists() or (place / "__init__.py").exists()
        yield f"{package}.{name}" if is_module else package


def run_before(module: str, seen: set[str]) -> set[str]:
    """What runs before a module: each one that it sees and the packages around it, but for those that run already."""
    paths = [list(accumulate(name.split("."), "{}.{}".format)) for name in seen]
    return {one for path in paths for one in path if not f"{module}.".startswith(f"{one}.")}
