"""Comparing: what a folder of anchors says of the chain, in constant memory and whatever their order."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.orm import Session

from portal.audit import anchors, chain, trail
from portal.audit.anchors import Anchor
from portal.audit.chain import Fault
from portal.sealing import KeyRing


@dataclass
class Compared:
    """How many anchors hold, are not ours, and are damaged; the furthest that holds, and the first that does not."""

    held: int = 0
    foreign: int = 0
    damaged: int = 0
    newest: Anchor | None = None
    broken: Anchor | None = None


def compare(session: Session, keys: KeyRing, folder: Path) -> Compared:
    """Look at every anchor."""
    told = Compared()
    for anchor, holds in _judged(session, keys, folder, told):
        if not holds and (told.broken is None or anchor.sequence < told.broken.sequence):
            told.broken = anchor
        if holds:
            told.held += 1
        if holds and (told.newest is None or anchor.sequence > told.newest.sequence):
            told.newest = anchor
    return told


def cut_off(session: Session, broken: Anchor) -> Fault | None:
    """What an anchor says of a chain that ends before it; None where its end is not the fault."""
    last = trail.newest(session)
    end = last.sequence if last else 0
    if end >= broken.sequence:
        return None
    return Fault(end + 1, f"Entry {end + 1} and what followed were cut off: {_named(broken)}.")


def written_anew(session: Session, keys: KeyRing, folder: Path, broken: Anchor) -> Fault:
    """What an anchor says of a chain that is whole in itself, and another one than it was."""
    judged = _judged(session, keys, folder, Compared())
    good = max((one.sequence for one, holds in judged if holds and one.sequence < broken.sequence), default=0)
    return Fault(good + 1, f"Entry {good + 1} or one soon after it was written anew: {_named(broken)} otherwise.")


def _judged(session: Session, keys: KeyRing, folder: Path, told: Compared) -> Iterator[tuple[Anchor, bool]]:
    for anchor in anchors.kept(folder):
        if anchor is None:
            told.damaged += 1
        elif not anchor.is_ours(keys):
            told.foreign += 1
        else:
            session.rollback()  # the worker goes on: the chain must be looked at after the anchor, never before
            yield anchor, chain.mac_at(session, anchor.sequence) == anchor.mac


def _named(anchor: Anchor) -> str:
    return f"an anchor of {anchor.moment:%Y-%m-%d %H:%M} UTC names entry {anchor.sequence}"
