"""What nginx hands on: path, form and sender as they came, for many at once; what is private it never keeps."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from portal.web.bodies import LARGEST_LIST_BYTES
from tests.deployment.behind import Behind, listening
from tests.deployment.front import Front
from tests.requirements import requirement
from tests.servers.certificates import Certificates
from tests.servers.ports import free_port


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory, certificates: Certificates) -> Iterator[Front]:
    """nginx, before a port where somebody listens for one test."""
    server = Front(tmp_path_factory.mktemp("nginx") / "front", certificates, free_port())
    server.start()
    yield server
    server.stop()


@pytest.fixture
def behind(front: Front) -> Iterator[Behind]:
    """Who listens there."""
    with listening(front.upstream) as somebody:
        yield somebody


def ask(front: Front, path: str, *, method: str = "GET", **said: object) -> requests.Response:
    asked = requests.Request(method, front.origin, **said).prepare()
    asked.url = front.origin + path  # as it is: requests would tidy it up
    with requests.Session() as browser:
        return browser.send(asked, verify=str(front.certificates.authority), timeout=5)


@pytest.mark.parametrize("path", ["/gate/v1/accounts//a%2Fb%20c", "/gate/v1/accounts/../x", "/faq?lang=nl&a=%25"])
def test_a_path_is_handed_on_as_it_came(front: Front, behind: Behind, path: str) -> None:
    assert ask(front, path).ok
    assert behind.paths == [path]


def test_a_list_for_the_gate_is_handed_on_whole_and_more_is_not(front: Front, behind: Behind) -> None:
    assert ask(front, "/gate/v1/accounts:batch", method="POST", data=b"a" * LARGEST_LIST_BYTES).ok
    assert behind.asked[0][2] == LARGEST_LIST_BYTES
    assert ask(front, "/start", method="POST", data=b"a" * (LARGEST_LIST_BYTES + 1)).status_code == 413
    assert len(behind.asked) == 1


@requirement("OPS-04", "LNK-20")
def test_the_sender_is_the_last_that_is_named_and_the_host_is_who_was_asked(front: Front, behind: Behind) -> None:
    forged = {"X-Forwarded-For": "192.0.2.1, 192.0.2.2", "X-Forwarded-Host": "evil.example"}
    ask(front, "/faq?sender", headers=forged)
    _, heard, _ = behind.asked[0]
    assert heard["X-Forwarded-For"] == "192.0.2.1, 192.0.2.2, 127.0.0.1"
    assert heard["Host"] == front.named("localhost")


@requirement("SES-10")
@pytest.mark.parametrize(
    "says",
    [
        {"Cache-Control": "no-store"},
        {"Cache-Control": "private, no-cache"},
        {},
        {"Cache-Control": "public, max-age=300", "Set-Cookie": "ps=secret"},
    ],
    ids=str,
)
def test_what_is_private_is_asked_for_each_time(front: Front, behind: Behind, says: dict[str, str]) -> None:
    behind.says = says
    path = f"/status?{len(says)}{says.get('Cache-Control')}"
    assert [ask(front, path).status_code for _ in range(2)] == [200, 200]
    assert len(behind.asked) == 2


def test_nobody_waits_for_the_answer_to_somebody_else(front: Front, behind: Behind) -> None:
    with ThreadPoolExecutor(2) as people:
        told = list(people.map(lambda path: ask(front, path).status_code, ["/together"] * 2))
    assert told == [200, 200]


def test_a_page_for_everybody_is_asked_for_once(front: Front, behind: Behind) -> None:
    behind.says = {"Cache-Control": "public, max-age=300", "Vary": "Accept-Language"}
    for language in ("en", "nl", "en", "nl"):
        assert ask(front, "/faq", headers={"Accept-Language": language, "Cookie": f"a={language}"}).ok
    assert len(behind.asked) == 2


def test_forms_are_not_written_to_the_disk(front: Front, behind: Behind) -> None:
    ask(front, "/help", method="POST", data=b"a" * 60_000)
    assert len(behind.asked) == 1
    assert "buffered to a temporary file" not in (front.folder / "error.log").read_text()
    assert list(Path(front.folder / "bodies").rglob("*")) == []
