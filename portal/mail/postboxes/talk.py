"""Talk: the handing over of a letter in steps, so that one worker can hand over many at the same time."""

from collections.abc import Generator
from typing import TypeAlias

# It stops wherever the other side may take its time. It is told how many seconds of that time are over, and answers
# in the end what the other side said.
Talk: TypeAlias = Generator[None, float, str]


def finished(talk: Talk) -> str:
    """The answer of a talk that is alone."""
    next(talk)
    try:
        while True:
            talk.send(0)
    except StopIteration as end:
        return str(end.value)
