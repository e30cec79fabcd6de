"""A storm: hundreds set a password at once; the page stays up, memory stays flat, and nobody's password is shown."""

import os
import threading
import time
from functools import partial
from pathlib import Path

from portal.database import Database
from portal.reset.hashing import PROFILES, Hasher
from portal.reset.stores.protocol import StoreBusy
from portal.sealing import KeyRing
from tests.identity.bench import everything
from tests.requirements import requirement
from tests.reset.bench import HANDLE, NEW, form_on
from tests.reset.crowd import Caller, admit, at_once, forms_of, gather
from tests.reset.test_store_trouble import UNKNOWN
from tests.servers.processes import Install
from tests.servers.waiting import until
from tests.visitor import Answer

CROWD, THREADS = 200, 48
FEW = 4  # on a slow machine some of the twelve with a place wait for more than five seconds
MIB = 1024
HASH_MIB = PROFILES["surge"].memory_cost // MIB


def children(parent: int) -> list[int]:
    """The processes that this one has started."""
    return [int(name) for name in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()]


def peak_mib(process: int) -> int:
    """The most memory that it has ever held."""
    status = dict(line.split(":", 1) for line in Path(f"/proc/{process}/status").read_text().splitlines())
    return int(status["VmHWM"].split()[0]) // MIB


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
    assert peak_mib(worker) - before < min(os.cpu_count() or 1, THREADS // 4) * HASH_MIB + 100
    waiting = answers.index(asked_to_wait[0])
    assert callers[waiting].send(form_on(answers[waiting]), NEW).status == 303


def newly_set(database: Database) -> int:
    """How many have a new password."""
    return len([row for table, row in everything(database) if table == "credential" and row["epoch"] == 2])


def is_kept(answer: Answer) -> bool:
    """Whether this page asks to wait, keeps the form, and shows no password."""
    return answer.headers["Retry-After"] == "60" and bool(HANDLE.search(answer.text)) and NEW not in answer.text


@requirement("PWD-07")
def test_no_more_wait_than_have_a_place_and_hashing_steps_back_for_pages() -> None:
    hasher, gate, nicenesses = Hasher("surge", threads=2, waiting=5), threading.Event(), []

    def work(_: object) -> None:
        nicenesses.append(threading.get_native_id())
        gate.wait(10)

    waiting = [threading.Thread(target=hasher.run, args=(work,)) for _ in range(5)]
    for thread in waiting:
        thread.start()
    until(lambda: len(nicenesses) == 2 and hasher._places._value == 0, "five that wait")
    began = time.monotonic()
    for _ in range(20):
        try:
            hasher.run(work)
        except StoreBusy:
            continue
        raise AssertionError("somebody found a place too many")
    assert time.monotonic() - began < 1
    fields = [Path(f"/proc/self/task/{thread}/stat").read_text().rpartition(")")[2].split() for thread in nicenesses]
    own = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    assert [int(field[16]) > int(own[16]) for field in fields] == [True, True]
    gate.set()
    for thread in waiting:
        thread.join()
