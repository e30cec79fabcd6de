"""A storm: hundreds set a password at once; the page stays up, memory stays flat, and nobody's password is shown."""

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest

from portal.database import Database
from portal.reset.apart import Apart, Unfinished
from portal.reset.hashing import NICENESS, PROFILES, Hasher, compared
from portal.reset.stores.protocol import StoreBusy
from portal.sealing import KeyRing
from tests.identity.bench import everything
from tests.requirements import requirement
from tests.reset.bench import HANDLE, NEW, OLD, OLD_HASH, form_on
from tests.reset.crowd import Caller, admit, at_once, forms_of, gather
from tests.reset.gate import held_up
from tests.reset.test_store_trouble import UNKNOWN
from tests.servers.processes import Install
from tests.servers.waiting import until
from tests.visitor import Answer

CROWD, THREADS = 200, 48
FEW = 4  # on a slow machine some of the twelve with a place wait for more than five seconds
MIB = 1024
HASH_MIB = PROFILES["surge"].memory_cost // MIB


def children(parent: int) -> list[int]:
    """The processes that this one has started, whichever of its threads did."""
    tasks = Path(f"/proc/{parent}/task").iterdir()
    return [int(name) for task in tasks for name in (task / "children").read_text().split()]


def family(parent: int) -> list[int]:
    """A process, and all that were started by it or by those."""
    return [parent, *(one for child in children(parent) for one in family(child))]


def peak_mib(process: int) -> int:
    """The most memory that it has ever held; 0 where it has ended, and only its number is left."""
    status = dict(line.split(":", 1) for line in Path(f"/proc/{process}/status").read_text().splitlines())
    return int(status.get("VmHWM", "0").split()[0]) // MIB


class Watcher(threading.Thread):
    """Somebody who reads the information page again and again meanwhile."""

    def __init__(self, origin: str) -> None:
        super().__init__(daemon=True)
        self.origin, self.over, self.seen = origin, threading.Event(), list[tuple[int, float]]()

    def run(self) -> None:
        """Read until told to stop."""
        while not self.over.is_set():
            reader, began = Caller(self.origin, f"10.77.0.{len(self.seen) % 250}", ""), time.monotonic()
            self.seen.append((reader.get("/").status, time.monotonic() - began))

    def stop(self) -> list[tuple[int, float]]:
        """Each page's status and seconds."""
        self.over.set()
        self.join()
        return self.seen


@requirement("PWD-07")
def test_two_hundred_at_once_are_each_served_or_asked_to_wait(
    install: Install, database: Database, keys: KeyRing
) -> None:
    site = install(hashing="surge", trusted_proxies=1, web_threads=THREADS, log_level="ERROR")
    callers = admit(database, keys, gather(database, keys, CROWD), site.origin)
    web = site.web(threads=THREADS)
    [worker] = children(web.handle.pid)
    forms, before = forms_of(callers), peak_mib(worker)
    watcher = Watcher(site.origin)
    watcher.start()
    answers = at_once([partial(caller.send, form, NEW) for caller, form in zip(callers, forms, strict=True)])
    seen = watcher.stop()
    served = [answer for answer in answers if answer.status == 303]
    asked_to_wait = [answer for answer in answers if answer.status == 503]
    assert len(served) + len(asked_to_wait) == CROWD
    assert len(served) >= FEW
    assert len(asked_to_wait) > 0
    assert all(is_kept(answer) for answer in asked_to_wait)
    assert {status for status, _ in seen} == {200}
    assert len(served) <= newly_set(database) <= len(served) + len([one for one in answers if UNKNOWN in one.text])
    assert peak_mib(worker) - before < 100
    hashing = [process for process in children(worker) if peak_mib(process) > HASH_MIB]
    assert 0 < len(hashing) <= (os.cpu_count() or 1)
    assert max(map(peak_mib, hashing)) < HASH_MIB + 60
    waiting = answers.index(asked_to_wait[0])
    assert callers[waiting].send(form_on(answers[waiting]), NEW).status == 303


def newly_set(database: Database) -> int:
    """How many have a new password."""
    return len([row for table, row in everything(database) if table == "credential" and row["epoch"] == 2])


def is_kept(answer: Answer) -> bool:
    """Whether this page asks to wait, keeps the form, and shows no password."""
    return answer.headers["Retry-After"] == "60" and bool(HANDLE.search(answer.text)) and NEW not in answer.text


def at_work(gate: Path) -> dict[int, int]:
    """The niceness of each process that waits at a gate."""
    return {int(process): int(niceness) for process, niceness in (path.name.split() for path in gate.glob("* *"))}


@requirement("PWD-07")
def test_no_more_wait_than_have_a_place_and_hashing_steps_back_for_pages(tmp_path: Path) -> None:
    hasher, work = Hasher("surge", processes=2, waiting=5), partial(held_up, gate=tmp_path)
    waiting = [threading.Thread(target=hasher.run, args=(work,)) for _ in range(5)]
    for thread in waiting:
        thread.start()
    until(lambda: len(at_work(tmp_path)) == 2 and hasher._places._value == 0, "five that wait")
    began = time.monotonic()
    for _ in range(20):
        with pytest.raises(StoreBusy):
            hasher.run(work)
    assert time.monotonic() - began < 1
    assert set(at_work(tmp_path).values()) == {os.nice(0) + NICENESS}
    (tmp_path / "open").touch()
    for thread in waiting:
        thread.join()


@requirement("PWD-07")
def test_a_process_that_is_slow_is_waited_for_again_and_never_doubled(tmp_path: Path) -> None:
    apart, slow = Apart(1, NICENESS), partial(held_up, None, tmp_path)
    for _ in range(3):
        with pytest.raises(Unfinished):
            apart.ask(slow, seconds=0.1)
    until(lambda: at_work(tmp_path), "it has started")
    with pytest.raises(Unfinished):
        apart.ask(slow, seconds=0.5)
    (tmp_path / "open").touch()
    assert apart.ask(os.getpid, seconds=20) == next(iter(at_work(tmp_path)))
    assert len(at_work(tmp_path)) == 1


@requirement("PWD-07")
def test_whoever_waits_for_a_process_that_was_killed_is_asked_to_come_back_and_the_next_is_served(
    tmp_path: Path,
) -> None:
    hasher, work = Hasher("surge", processes=2, waiting=5), partial(held_up, gate=tmp_path)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(hasher.run, work)
        until(lambda: at_work(tmp_path), "somebody hashes")
        os.kill(next(iter(at_work(tmp_path))), signal.SIGKILL)
        with pytest.raises(StoreBusy):
            waiting.result()
    assert hasher.run(partial(compared, kept=OLD_HASH, password=OLD)) == (True, None)


@requirement("PWD-07")
def test_the_processes_that_hash_end_with_a_web_process_that_was_killed(
    install: Install, database: Database, keys: KeyRing
) -> None:
    site = install(hashing="surge", trusted_proxies=1, log_level="ERROR")
    [caller] = admit(database, keys, gather(database, keys, 1), site.origin)
    web = site.web()
    [form] = forms_of([caller])
    assert caller.send(form, NEW).status == 303
    hashing = family(web.handle.pid)[2:]
    assert hashing
    for process in family(web.handle.pid)[:2]:
        os.kill(process, signal.SIGKILL)
    until(lambda: not any(map(is_alive, hashing)), "they end")


def is_alive(process: int) -> bool:
    """Whether there is such a process, and it has not ended."""
    stat = Path(f"/proc/{process}/stat")
    return stat.exists() and ") Z " not in stat.read_text()
