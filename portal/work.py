"""The worker's loop: jobs in turn, one step each, patient with outages, and out at once when asked to stop."""

import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog

IDLE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 10.0
MOMENT_SECONDS = 0.1  # then the other jobs have their turn
MOST_DOUBLINGS = 10  # an outage of hours must not count beyond what a float can hold
log = structlog.get_logger()


@dataclass
class Job:
    """Something that is done in small steps; a step answers whether there may be more."""

    name: str
    step: Callable[[], bool]
    every: float = IDLE_SECONDS
    look: Callable[[], bool] = lambda: True  # whether there is anything to do: a reading, where the step would write
    rests_until: float = field(default=0.0, init=False)
    faults: int = field(default=0, init=False)
    busy: bool = field(default=False, init=False)

    def run(self, now: float, *, tireless: bool = False) -> bool:
        """One step if it is time; a failed one is logged by its type only, and tried again later."""
        if now < self.rests_until and (self.faults or not tireless):
            return False
        try:
            more = (self.busy or self.look()) and self.step()
        except Exception as error:  # the loop outlives every fault of a job
            self.faults += 1
            self.busy = False
            pause = min(IDLE_SECONDS * 2 ** min(self.faults, MOST_DOUBLINGS), LONGEST_PAUSE_SECONDS)
            self.rests_until = now + pause
            log.warning("job:failed", job=self.name, error=type(error).__name__, pause=pause)
            return False
        self.faults, self.busy = 0, more
        self.rests_until = now if more else now + self.every
        return more


def for_a_moment(step: Callable[[], bool]) -> Callable[[], bool]:
    """The same step again and again while there is more to do, until a moment is over."""

    def steps() -> bool:
        until = time.monotonic() + MOMENT_SECONDS
        while step():
            if time.monotonic() >= until:
                return True
        return False

    return steps


def run(jobs: Sequence[Job], *, once: bool = False) -> list[str]:
    """Work until SIGTERM or SIGINT; with `once`, until nothing is left. Returns the jobs whose last step failed."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    log.info("worker:started", jobs=[job.name for job in jobs])
    while not stop.is_set():
        # Whoever waits for the end waits for no job's rest; but one that failed rests.
        busy = [job.run(time.monotonic(), tireless=once) for job in jobs]
        if not any(busy):
            if once:
                break
            stop.wait(IDLE_SECONDS)
    log.info("worker:stopped")
    return [job.name for job in jobs if job.faults]
