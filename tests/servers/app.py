"""The portal within the test's own process: its pages by a client that inspects them, its worker a step at a time."""

from collections.abc import Callable, Iterator
from itertools import cycle
from pathlib import Path
from types import CodeType
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.exceptions import HTTPException
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from portal import create_app, jobs
from portal.database import Database
from portal.extensions import Ground, limiter
from portal.incident import door as incident_door
from portal.incident.file import Incident, read
from portal.mail.postboxes.memory import MemoryPostbox
from portal.reset.stores import open_store
from portal.work import Job
from tests import inspection
from tests.letters import in_memory
from tests.servers.databases import url_of
from tests.servers.ground import MakeSettings, StillClock
from tests.visitor import InProcess, Visitor

MakePortal = Callable[..., Flask]
Newcomer = Callable[..., Visitor]
ENOUGH_STEPS = 10_000


class InspectingClient(FlaskClient):
    """A client that looks at each page it opens."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """One request; fails if its page is not as the house wants it."""
        answer = super().open(*args, **kwargs)
        if answer.mimetype == "text/html" and answer.request.method != "HEAD" and answer.data:
            found = inspection.faults(answer.get_data(as_text=True), answer.request.path, self._post_class)
            assert found == []
        return answer

    def _post_class(self, path: str) -> str | None:
        app: Flask = self.application
        try:
            endpoint, _ = app.url_map.bind("localhost").match(path, method="POST")
        except HTTPException:
            return "a post that no page answers"
        return getattr(app.view_functions[endpoint], "post_class", None)


@pytest.fixture(scope="session", autouse=True)
def incidents() -> Iterator[None]:
    """Let an incident that did not change be read once by this process: a tenth of the tests' time."""
    held: dict[tuple[object, ...], Incident] = {}

    def read_once(path: Path) -> Incident:
        folder = path if path.is_dir() else path.parent
        told = ((file, file.stat().st_mtime_ns, file.stat().st_size) for file in sorted(folder.rglob("*")))
        key = (path, *told)
        if key not in held:
            held[key] = read(path)
        return held[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(incident_door, "read", read_once)
        yield


@pytest.fixture(scope="session", autouse=True)
def routes() -> Iterator[None]:
    """Let what builds an address be compiled once for all applications of this process: half of making one."""
    held: dict[tuple[object, ...], object] = {}
    compiled = Rule._compile_builder

    def once(rule: Rule, append_unknown: bool = True) -> object:
        key = (rule.rule, rule.subdomain, rule.host, repr(rule.defaults), append_unknown)
        if key not in held:
            held[key] = compiled(rule, append_unknown)
        return held[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", once)
        yield


class Compiled(BytecodeCache):
    """What templates are compiled to, kept in memory."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Hand over what was made of the same text of the same template."""
        bucket.code = self.held.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep it."""
        self.held[bucket.key, bucket.checksum] = bucket.code


@pytest.fixture(scope="session")
def templates() -> BytecodeCache:
    """What the templates are compiled to, once for all applications of this process."""
    return Compiled()


@pytest.fixture
def make_portal(settings: MakeSettings, database: Database, clock: StillClock, templates: BytecodeCache) -> MakePortal:
    """A maker of applications over this test's database and clock; settings can be said otherwise."""

    def make(**said: Any) -> Flask:
        app = create_app(settings(database_url=url_of(database), **said), clock=clock)
        held: Ground = app.extensions["portal"]
        held.database = database
        app.extensions["store"] = open_store(held.settings, database, held.keys, clock)
        app.test_client_class = InspectingClient
        app.jinja_env.bytecode_cache = templates
        app.testing = False  # pages of faults must look as they do outside
        limiter.reset()
        return app

    return make


@pytest.fixture
def portal(make_portal: MakePortal) -> Flask:
    """The application, with the example incident."""
    return make_portal()


@pytest.fixture
def postbox(portal: Flask) -> MemoryPostbox:
    """Where the letters of `work` go."""
    return MemoryPostbox(portal.extensions["portal"].settings)


@pytest.fixture
def work(portal: Flask, postbox: MemoryPostbox) -> Callable[[], None]:
    """Do everything that the worker would do by now; a fault of a job is a fault of the test."""
    tasks = jobs.jobs(portal.extensions["portal"], portal.extensions["incident"], postbox)
    # What is due most often first: what it leaves to the others is found in the same round.
    tasks.sort(key=lambda task: task.every)

    def run() -> None:
        idle = 0
        for task in cycle(tasks):
            idle = 0 if _done(task) else idle + 1
            if idle == len(tasks):
                return

    return run


def _done(task: Job) -> bool:
    """Let a job do all that it has to do; whether that was anything."""
    steps = 0
    while task.look() and task.step():
        steps += 1
        assert steps < ENOUGH_STEPS, f"{task.name} finds no end"
    return steps > 0


@pytest.fixture
def newcomer(portal: Flask, postbox: MemoryPostbox, work: Callable[[], None]) -> Newcomer:
    """A maker of visitors, each at a browser that nobody used before, at the host that is named."""

    def come(host: str = "127.0.0.1") -> Visitor:
        # No `with`: a kept request context of one browser would stand in the way of the other's.
        client = portal.test_client()
        client.environ_base["REMOTE_ADDR"] = host
        return Visitor(InProcess(client), in_memory(postbox), work)

    return come


@pytest.fixture
def visitor(newcomer: Newcomer) -> Visitor:
    """Somebody at a browser."""
    return newcomer()


@pytest.fixture
def another_visitor(newcomer: Newcomer) -> Visitor:
    """Somebody else, at another browser."""
    return newcomer()
