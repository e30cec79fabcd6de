"""A canary: a password that is sent in every way, and is then found nowhere: not on any disk, not in the process."""

import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote_plus

import pytest

from portal.database import Database
from portal.sealing import KeyRing
from tests.cast import Person
from tests.identity.bench import everything
from tests.requirements import requirement
from tests.reset.bench import OLD, Shown, form_on, key_of
from tests.reset.clouds import Webhook
from tests.reset.crowd import Caller, admit, gather
from tests.reset.test_hashes import at_profile
from tests.reset.test_storm import children, family
from tests.servers.postgresql import Postgresql
from tests.servers.processes import Install, Installation
from tests.servers.relay import Relay
from tests.servers.waiting import until

MARK = "zebrafinch"
CANARY = f"nine {MARK}es née Æther 8861"
SPELLED = [word.encode(code) for word in (MARK, quote_plus(CANARY)) for code in ("utf-8", "utf-16-le", "utf-32-le")]
REGION = re.compile(r"([0-9a-f]+)-([0-9a-f]+) r\S+ \S+ \S+ \S+ *(.*)")
KERNELS_OWN = ("[v", "/dev/")  # [vvar], [vdso] and the like


def memory_of(process: int) -> Iterator[bytes]:
    """All that a process holds: what a core of it would show."""
    regions = [
        found for line in Path(f"/proc/{process}/maps").read_text().splitlines() if (found := REGION.match(line))
    ]
    with Path(f"/proc/{process}/mem").open("rb") as memory:
        for start, end, name in (found.groups() for found in regions):
            if not name.startswith(KERNELS_OWN):
                memory.seek(int(start, 16))
                yield memory.read(int(end, 16) - int(start, 16))


def holds(content: bytes) -> bool:
    """Whether the canary is in it, in any spelling."""
    return any(spelling in content for spelling in SPELLED)


def is_in_memory(process: int) -> bool:
    """Whether a process still holds it."""
    return any(map(holds, memory_of(process)))


def disks(database: Database, site: Installation, request: pytest.FixtureRequest) -> list[Path]:
    """Every file that the portal or its database has written, write-ahead logs and all."""
    folders = [site.instance]
    if database.is_sqlite:
        folders.append(Path(str(database.engine.url.database)).parent)
    elif "TEST_DATABASE_URL" not in os.environ:
        server: Postgresql = request.getfixturevalue("postgresql")
        folders.append(server.folder / "data")
    return [path for folder in folders for path in folder.rglob("*") if path.is_file()]


def send_in_every_way(caller: Caller) -> None:
    """Taken, refused for each reason, and not even read."""
    form = form_on(caller.get("/password"))
    forged, too_long = Shown("forged", form.account), CANARY * 8
    answers = [
        (403, forged, CANARY),
        (400, form, MARK),
        (400, form, too_long),
        (303, form, CANARY),
        (303, form, CANARY),
    ]
    for status, shown, password in answers:
        answer = caller.send(shown, password)
        assert (answer.status, holds(answer.text.encode())) == (status, False), answer.text
    again = form_on(caller.get("/password"))
    assert caller.send(again, CANARY).status == 429


@requirement("PWD-09")
def test_a_password_is_found_nowhere_once_it_was_set(
    install: Install, database: Database, keys: KeyRing, relay: Relay, request: pytest.FixtureRequest
) -> None:
    site = install(warm=False, hashing="surge", trusted_proxies=1, log_level="DEBUG")
    [person] = gather(database, keys, 1)
    search_everywhere(site, person, database, keys, relay, request)
    assert at_profile("surge", database, keys).log_in(key_of(person), CANARY)


@requirement("PWD-09")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_nor_once_it_went_to_a_store_outside(
    install: Install, receiver: str, database: Database, keys: KeyRing, relay: Relay, request: pytest.FixtureRequest
) -> None:
    outside = Webhook(receiver)
    site = install(warm=False, hashing="surge", trusted_proxies=1, log_level="DEBUG", **outside.settings())
    [person] = gather(database, keys, 1)
    outside.open(key_of(person).reference, OLD)
    search_everywhere(site, person, database, keys, relay, request)
    assert outside.log_in(key_of(person).reference, CANARY)


def search_everywhere(
    site: Installation,
    person: Person,
    database: Database,
    keys: KeyRing,
    relay: Relay,
    request: pytest.FixtureRequest,
) -> None:
    """Send it from a browser, and look for it wherever the portal could have put it."""
    [caller] = admit(database, keys, [person], site.origin)
    web, worker = site.web(), site.worker()
    send_in_every_way(caller)
    relay.wait_for(1)
    processes = [*family(worker.handle.pid), *family(web.handle.pid)]
    for process in processes:
        until(lambda process=process: not is_in_memory(process), f"no canary in process {process}")
    assert not holds(repr(everything(database)).encode())
    assert [path for path in disks(database, site, request) if holds(path.read_bytes())] == []
    assert not any(holds(letter.content) for letter in relay.letters)
    assert not any(holds(caller.get(path).text.encode()) for path in ("/metrics", "/status", "/done", "/password"))


@requirement("PWD-09")
def test_the_canary_would_be_found(tmp_path: Path) -> None:
    held = f"password={quote_plus(CANARY)}".encode()
    assert holds(held)
    assert holds(CANARY.encode("utf-32-le"))
    assert is_in_memory(int(Path("/proc/self").readlink().name))


@requirement("PWD-09")
def test_the_web_process_leaves_no_core_and_scrubs_what_it_frees_however_it_was_started(
    install: Install, database: Database
) -> None:
    site = install(warm=False)
    for name in ("PYTHONMALLOC", "GLIBC_TUNABLES"):
        del site.environment[name]
    web = site.web()
    [worker] = children(web.handle.pid)
    environment = Path(f"/proc/{worker}/environ").read_text().split("\0")
    assert "PYTHONMALLOC=malloc" in environment
    assert "GLIBC_TUNABLES=glibc.malloc.perturb=165" in " ".join(environment)  # glibc itself takes the colons out
    assert "glibc.malloc.tcache_count=0" in " ".join(environment)
    limits = Path(f"/proc/{worker}/limits").read_text()
    assert re.search(r"Max core file size +0 +0 ", limits)
