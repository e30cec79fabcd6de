"""Verifying: the chain against itself and against its anchors, in constant memory, the first bad entry first."""

from dataclasses import dataclass, field
from heapq import merge
from pathlib import Path

from sqlalchemy.orm import Session

from portal.audit import chain, comparing, trail
from portal.audit.chain import Fault
from portal.audit.comparing import Compared
from portal.sealing import KeyRing

SHOWN = 20


@dataclass
class Report:
    """How many entries and faults there are, the first faults in order, and what the anchors say."""

    entries: int = 0
    waiting: int = 0
    faults: int = 0
    first: list[Fault] = field(default_factory=list)
    compared: Compared | None = None

    def add(self, fault: Fault) -> None:
        """Count it; the first ones are kept."""
        self.faults += 1
        if len(self.first) < SHOWN:
            self.first.append(fault)


def verify(session: Session, keys: KeyRing, folder: Path | None) -> Report:
    """Look at everything; without a folder of anchors a chain that was cut short looks whole."""
    report = Report(compared=comparing.compare(session, keys, folder) if folder else None)
    session.rollback()
    for fault in merge(chain.faults(session, keys), chain.slipped_in(session), key=lambda fault: fault.entry):
        report.add(fault)
    if folder and report.compared:
        _hear_anchors(session, keys, folder, report.compared, report)
    last = trail.newest(session)
    report.entries = last.sequence if last else 0
    report.waiting = chain.waiting(session)
    return report


def _hear_anchors(session: Session, keys: KeyRing, folder: Path, compared: Compared, report: Report) -> None:
    broken = compared.broken
    if broken is None:
        return
    if cut := comparing.cut_off(session, broken):
        report.add(cut)
    elif not report.first or report.first[0].entry > broken.sequence:
        # Otherwise the chain itself has told more exactly what the anchor misses.
        report.first.insert(0, comparing.written_anew(session, keys, folder, broken))
        report.faults += 1
