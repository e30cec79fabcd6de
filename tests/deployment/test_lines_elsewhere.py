"""The doctor's lines on what is asked elsewhere: each is said where it is so, with its verdict and what to do."""

import os
import socket
from collections.abc import Iterable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask

from portal.database import Database
from portal.deployment import commands, neighbours
from portal.deployment.finding import Finding, Verdict, look, mend, well
from portal.deployment.front import clock_finding, front_findings
from portal.deployment.log_in import gate_findings, store_findings
from portal.deployment.neighbours import counter_findings, relay_finding
from portal.mail.postboxes.errors import Unavailable
from portal.reset.stores import fitness
from portal.reset.stores.fitness import Fitness
from tests.deployment.behind import listening
from tests.deployment.place import Ask, Place, Row
from tests.requirements import requirement
from tests.servers.databases import url_of
from tests.servers.ports import free_port

pytestmark = requirement("ENG-01")
WELL, LOOK, MEND = Verdict.WELL, Verdict.LOOK, Verdict.MEND
ALIVE = 200, b'{"status":"alive"}'


def silent_relay(place: Place) -> Iterable[Finding]:
    with socket.create_server(("localhost", 0)) as silent:
        yield relay_finding(place.smtp(smtp_port=silent.getsockname()[1]))


def relay_that(fault: str) -> Ask:
    def ask(place: Place) -> Iterable[Finding]:
        def greet(_: object) -> str:
            raise Unavailable(fault)

        place.patch.setattr(neighbours.SmtpPostbox, "greet", greet)
        yield relay_finding(place.smtp())

    return ask


def store_that(**said: Any) -> Ask:
    def ask(place: Place) -> Iterable[Finding]:
        place.patch.setattr(fitness, "of", lambda _: Fitness(**said))
        ours = place.make(store="webhook", store_url="http://localhost:1", store_secret="secret")
        return store_findings(ours, Database(f"sqlite:///{place.folder}/portal.db"), place.clock)

    return ask


def counter_of(url: str) -> Ask:
    return lambda place: counter_findings(place.make(limiter_url=url))


def no_gate(place: Place) -> Iterable[Finding]:
    return gate_findings(place.make(), None, place.clock)


def front_of(proxies: int, healthz: tuple[int, bytes] = ALIVE) -> Ask:
    def ask(place: Place) -> Iterable[Finding]:
        with listening(free_port()) as behind:
            behind.answers["/healthz"] = healthz
            yield from front_findings(place.make(origin=f"http://localhost:{behind.port}", trusted_proxies=proxies))

    return ask


def clock_of(told: int | None) -> Ask:
    """What this machine's kernel says of its clock cannot be chosen here."""

    def ask(place: Place) -> Iterable[Finding]:
        kernel = SimpleNamespace() if told is None else SimpleNamespace(adjtimex=lambda _: told)
        place.patch.setattr("portal.deployment.front.ctypes.CDLL", lambda _: kernel)
        yield clock_finding()

    return ask


ROWS: list[Row] = [
    (silent_relay, MEND, "does not take us in (SMTPServerDisconnected)", "PORTAL_SMTP_SECURITY"),
    (relay_that("TimeoutError"), MEND, "(TimeoutError)", "does a firewall let us out"),
    (lambda place: [relay_finding(place.make())], MEND, "letters go to the postbox", "PORTAL_POSTBOX=smtp"),
    (relay_that("gaierror"), MEND, "(gaierror)", "PORTAL_SMTP_HOST"),
    (relay_that("SMTPAuthenticationError"), MEND, "(SMTPAuthenticationError)", "PORTAL_SMTP_PASSWORD"),
    (relay_that("Whatever"), MEND, "(Whatever)", "Is it running"),
    (counter_of("redis+unix:///nowhere/at.all"), MEND, "it does not answer", "PORTAL_LIMITER_URL"),
    (counter_of("memory://"), LOOK, "memory of one web process", "PORTAL_LIMITER_URL"),
    (store_that(said=["it forgets"]), LOOK, "“webhook” says", "it forgets"),
    (store_that(unreached="was not reached"), MEND, "“webhook” was not reached", "PORTAL_STORE_URL"),
    (store_that(unfit="Too short."), MEND, "no customer could be served", "Too short."),
    (store_that(), WELL, "“webhook” answers, and lets us in", ""),
    (no_gate, LOOK, "nobody knows who may ask", "Mend the rest first"),
    (front_of(0), LOOK, "believes no proxy", "PORTAL_TRUSTED_PROXIES=1"),
    (front_of(1), WELL, "believes no forged X-Forwarded-For; 1 stand in front", ""),
    (front_of(1), WELL, "“Chat widget, June 2018” can be used", ""),
    (front_of(1), WELL, "answers", ""),
    (front_of(1), MEND, "environment is development", "PORTAL_ENVIRONMENT=production"),
    (front_of(1), MEND, "is not encrypted", "https"),
    (front_of(1, (503, b"away")), MEND, "does not reach web (503)", "Start web"),
    (front_of(1, (404, b"")), MEND, "somebody else answers", "Let the name lead here"),
    (clock_of(None), LOOK, "does not say", "Look yourself"),
    (clock_of(-1), LOOK, "does not say", "Look yourself"),
    (clock_of(5), LOOK, "nothing on this machine keeps", "chrony"),
    (clock_of(0), WELL, "it follows a time server", ""),
]


@pytest.mark.parametrize(("ask", "verdict", "fact", "advice"), ROWS, ids=[fact for _, _, fact, _ in ROWS])
def test_it_is_said(place: Place, ask: Ask, verdict: Verdict, fact: str, advice: str) -> None:
    found = list(ask(place))
    assert [one for one in found if (one.verdict, fact in one.fact, advice in one.advice) == (verdict, True, True)]


def test_a_front_that_does_not_reach_web_is_asked_nothing_more(place: Place) -> None:
    assert [one.about for one in front_of(1, (502, b""))(place)] == ["settings", "incident", "origin", "origin"]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_command_asks_after_everything(portal: Flask, database: Database) -> None:
    said = portal.test_cli_runner().invoke(args=["doctor", "--web-user", "nobody"])
    asked = {row.split("  ", 1)[1].split(":")[0] for row in said.output.splitlines() if row[4:6] == "  "}
    every = {"database", "keys", "audit keys", "relay", "counter", "store", "blocklist", "gate", "incident", "origin"}
    assert asked == every | {"settings", "disk", "clock"}
    assert ("nobody cannot write" in said.output) is (os.geteuid() == 0)
    assert url_of(database) not in said.output


@pytest.mark.parametrize(
    ("found", "ending"),
    [
        ([well("a", "b"), look("a", "b", "")], "Nothing must be mended; 1 of 2 are for you to look at."),
        ([well("a", "b"), mend("a", "b", "")], "Error: 1 of 2 must be mended before customers come."),
    ],
)
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_the_command_ends_with_a_count(
    portal: Flask, monkeypatch: pytest.MonkeyPatch, found: list[Finding], ending: str
) -> None:
    def findings(_: object) -> Iterator[Finding]:
        yield from found

    monkeypatch.setattr(commands, "_findings", findings)
    said = portal.test_cli_runner().invoke(args=["doctor"])
    assert said.output.splitlines()[-1] == ending
    assert said.exit_code == int(found[-1].verdict is MEND)
