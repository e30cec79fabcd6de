"""nginx as delivered: it keeps what may be kept, adds one address, and has kind words when the portal is away."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from sqlalchemy import select

from portal.database import Database
from portal.deployment.finding import Verdict
from portal.deployment.front import front_findings
from portal.identity.links import HOST, LinkRequest
from portal.sealing import KeyRing
from tests.deployment.front import Front
from tests.requirements import requirement
from tests.servers.certificates import Certificates
from tests.servers.ground import MakeSettings
from tests.servers.ports import free_port
from tests.servers.processes import Install, Installation, Process
from tests.servers.waiting import until

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
Browse = Callable[..., requests.Response]


@pytest.fixture
def front(tmp_path: Path, certificates: Certificates) -> Iterator[Front]:
    """nginx, before a port where the portal will be."""
    server = Front(tmp_path / "front", certificates, free_port())
    server.start()
    yield server
    server.stop()


@pytest.fixture
def browse(front: Front, monkeypatch: pytest.MonkeyPatch) -> Browse:
    """Ask for a page at the front."""
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(front.certificates.authority))

    def ask(path: str, method: str = "GET", **said: object) -> requests.Response:
        return requests.request(method, front.origin + path, timeout=5, allow_redirects=False, **said)  # type: ignore[arg-type]

    return ask


@pytest.fixture
def installation(install: Install, front: Front, browse: Browse) -> Installation:
    """The portal behind it."""
    made = install(origin=front.origin, trusted_proxies=1)
    made.port = front.upstream
    return made


def serve(installation: Installation, browse: Browse) -> Process:
    """Start the portal, and wait until it answers through nginx."""
    web = installation.web(ready=False)
    until(lambda: browse("/healthz").ok, f"the portal behind nginx: {web.log()}")
    return web


@requirement("ENG-04", "OPS-01", "SES-10")
def test_information_pages_outlive_the_portal_and_nothing_else_is_kept(
    installation: Installation, front: Front, browse: Browse
) -> None:
    web = serve(installation, browse)
    english, dutch = ({"Accept-Language": name} for name in ("en", "nl"))
    before = browse("/", headers=english).text, browse("/", headers=dutch).text
    assert before[0] != before[1]
    assert browse("/sent").status_code == 200
    assert browse("/start", "POST", data={"email": "a" * 70_000}).status_code == 413
    assert browse("/metrics").status_code == 404
    web.kill()
    assert (browse("/", headers=english).text, browse("/", headers=dutch).text) == before
    away = browse("/sent")
    assert (away.status_code, away.headers["Retry-After"], away.headers["Cache-Control"]) == (503, "60", "no-store")
    assert "try again" in away.text
    assert "127.0.0.1" not in (front.folder / "error.log").read_text()


def test_other_names_are_told_nothing_and_plain_http_leads_to_https(
    installation: Installation, front: Front, browse: Browse
) -> None:
    serve(installation, browse)
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(f"https://127.0.0.1:{front.port}/", timeout=5)
    told = requests.get(f"http://localhost:{front.plain_port}/faq?lang=nl", timeout=5, allow_redirects=False)
    assert (told.status_code, told.headers["Location"]) == (308, "https://localhost/faq?lang=nl")
    with pytest.raises(requests.ConnectionError):
        requests.get(f"http://127.0.0.1:{front.plain_port}/", timeout=5)


@requirement("OPS-04")
def test_one_proxy_is_counted_and_the_doctor_sees_where_two_are_believed(
    installation: Installation, front: Front, browse: Browse, settings: MakeSettings, database: Database, keys: KeyRing
) -> None:
    web = serve(installation, browse)
    forged = {"X-Forwarded-For": "192.0.2.1", "Sec-Fetch-Site": "same-origin", "Origin": front.origin}
    assert browse("/start", "POST", data={"email": "amara@mail.example"}, headers=forged).status_code == 303
    with database.read() as session:
        assert session.scalars(select(LinkRequest)).one().host == keys.mac(HOST, "127.0.0.1/32")
    ours = settings(origin=front.origin, environment="production", postbox="smtp", smtp_host="localhost")
    judged = {found.about: found.verdict for found in front_findings(ours.model_copy(update={"trusted_proxies": 1}))}
    assert judged == {"incident": Verdict.WELL, "origin": Verdict.WELL, "proxies": Verdict.WELL}
    web.stop()
    installation.environment["PORTAL_TRUSTED_PROXIES"] = "2"
    serve(installation, browse)
    last = list(front_findings(ours.model_copy(update={"trusted_proxies": 2})))[-1]
    assert (last.verdict, "forged" in last.fact) == (Verdict.MEND, True)
