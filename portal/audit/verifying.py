"""Verifying: the chain against itself and against its anchors, in constant memory, the first bad entry first."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import nsmallest
from itertools import chain as one_after_another
from pathlib import Path

from sqlalchemy.orm import Session

from portal.audit import anchors, chain, trail
from portal.audit.anchors import Anchor
from portal.audit.chain import Fault
from portal.sealing import KeyRing

SHOWN = 20


@dataclass
class Compared:
    """What the anchors of a folder say of the chain."""

    held: int = 0
    newest: Anchor | None = None  # the furthest that holds
    broken: Anchor | None = None  # the first that does not
    foreign: int = 0
    damaged: int = 0


@dataclass
class Report:
    """How many entries there are, the first faults of all, and what the anchors say."""

    entries: int = 0
    waiting: int = 0
    faults: int = 0
    first: list[Fault] = field(default_factory=list)
    compared: Compared | None = None


def verify(session: Session, keys: KeyRing, folder: Path | None) -> Report:
    """Look at everything; without a folder of anchors a chain that was cut short looks whole."""
    report = Report(compared=_compare(session, keys, folder) if folder else None)
    session.rollback()

    def counted() -> Iterator[Fault]:
        told = _told(session, report.compared) if report.compared else iter(())
        for fault in one_after_another(told, chain.faults(session, keys), chain.slipped_in(session)):
            report.faults += 1
            yield fault

    report.first = nsmallest(SHOWN, counted(), key=lambda fault: fault.entry)
    last = trail.newest(session)
    report.entries = last.sequence if last else 0
    report.waiting = chain.waiting(session)
    return report


def _compare(session: Session, keys: KeyRing, folder: Path) -> Compared:
    compared = Compared()
    for _, anchor in anchors.kept(folder):
        if anchor is None:
            compared.damaged += 1
        elif not anchor.is_ours(keys):
            compared.foreign += 1
        else:
            session.rollback()  # the worker goes on: the chain must be looked at after the anchor, never before
            _weigh(compared, anchor, chain.mac_at(session, anchor.sequence) == anchor.mac)
    return compared


def _weigh(compared: Compared, anchor: Anchor, holds: bool) -> None:
    if holds:
        compared.held += 1
        if compared.newest is None or anchor.sequence > compared.newest.sequence:
            compared.newest = anchor
    elif compared.broken is None or anchor.sequence < compared.broken.sequence:
        compared.broken = anchor


def _told(session: Session, compared: Compared) -> Iterator[Fault]:
    broken = compared.broken
    if broken is None:
        return
    last, named = (
        trail.newest(session),
        f"an anchor of {broken.moment:%Y-%m-%d %H:%M} UTC names entry {broken.sequence}",
    )
    end = last.sequence if last else 0
    if end < broken.sequence:
        yield Fault(end + 1, f"Entry {end + 1} and what followed were cut off: {named}.")
    elif chain.mac_at(session, broken.sequence) is None:
        yield Fault(broken.sequence, f"Entry {broken.sequence} is missing: {named}.")
    else:
        good = compared.newest.sequence if compared.newest and compared.newest.sequence < broken.sequence else 0
        yield Fault(good + 1, f"Entry {good + 1} or one soon after it was written anew: {named} otherwise.")
