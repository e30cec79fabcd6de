"""What is written of commands is true: each that a page or a sentence names exists, with the options it has there."""

import re
from collections.abc import Iterator

import click
import pytest
from flask import Flask

from portal.config import ROOT
from tests.house.sources import portal as sources

PAGES = ("README.md", "portal/deployment/README.md")
# In a sentence a command stands between backticks; in a block of a page it begins its line.
NAMED = re.compile(r"(?:`|^|\.venv/bin/|exec worker |run )flask ([a-z]+[^`#\n]*)", re.MULTILINE)


def faults(group: click.Group, said: str) -> Iterator[str]:
    """What of these words no command knows."""
    command: click.Command = group
    for word in said.split():
        if word.startswith("--"):
            known = {option for one in command.params for option in one.opts}
            if word.split("=")[0] not in known | {"--help"}:
                yield f"{said}: no option {word}"
        elif isinstance(command, click.Group):
            found = command.commands.get(word)
            if found is None:
                yield f"{said}: no command {word}"
                return
            command = found


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_every_command_that_is_named_exists(portal: Flask) -> None:
    texts = [(ROOT / page).read_text(encoding="utf-8") for page in PAGES] + [source.text for source in sources()]
    named = {said.rstrip() for text in texts for said in NAMED.findall(text)}
    assert len(named) > 40
    assert sorted(fault for said in named for fault in faults(portal.cli, said)) == []
