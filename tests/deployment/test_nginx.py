"""nginx as delivered: it keeps what may be kept, adds one address, and has kind words when the portal is away."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from sqlalchemy import select

from portal import create_app
from portal.database import Database
from portal.deployment.finding import Verdict
from portal.deployment.front import front_findings
from portal.identity.links import HOST, LinkRequest
from portal.sealing import KeyRing
from tests.deployment.front import CONSOLE, Front
from tests.requirements import requirement
from tests.servers.certificates import Certificates
from tests.servers.ground import MakeSettings
from tests.servers.ports import free_port
from tests.servers.processes import Install, Installation, Process
from tests.servers.waiting import until

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
Browse = Callable[..., requests.Response]
AWAY = (503, "60", "no-store")


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
    made = install(origin=front.origin, console_origin=front.console, trusted_proxies=1)
    made.port = front.upstream
    return made


def serve(installation: Installation, browse: Browse) -> Process:
    """Start the portal, and wait until it answers through nginx."""
    web = installation.web(ready=False)
    until(lambda: browse("/healthz").ok, f"the portal behind nginx: {web.log()}")
    return web


def pages_of(settings: MakeSettings, front: Front) -> list[tuple[str, str]]:
    """Every page without a parameter, by its host."""
    rules = create_app(settings(console_origin=front.console)).url_map.iter_rules()
    shown = [rule for rule in rules if "GET" in (rule.methods or ()) and not rule.arguments]
    return [(CONSOLE if rule.endpoint.startswith("console.") else "localhost", rule.rule) for rule in shown]


@requirement("ENG-04", "OPS-01", "SES-10")
def test_information_pages_outlive_the_portal_and_nothing_else_is_kept(
    installation: Installation, front: Front, browse: Browse, settings: MakeSettings
) -> None:
    web = serve(installation, browse)
    english, dutch = ({"Accept-Language": name} for name in ("en", "nl"))
    both = browse("/", headers=english).text, browse("/", headers=dutch).text
    assert both[0] != both[1]
    pages = [(host, path) for host, path in pages_of(settings, front) if path not in ("/metrics", "/readyz")]
    before = {page: browse(page[1], headers={"Host": front.named(page[0])}) for page in pages}
    assert browse("/start", "POST", data={"email": "a" * 70_000}).status_code == 413
    assert {browse(path).status_code for path in ("/metrics", "/readyz", "//metrics", "/%6detrics")} == {404}
    web.kill()
    assert (browse("/", headers=english).text, browse("/", headers=dutch).text) == both
    after = {page: browse(page[1], headers={"Host": front.named(page[0])}) for page in pages}
    kept = {page for page in pages if after[page].status_code == 200}
    assert {("localhost", path) for path in ("/", "/faq", "/updates", "/real-messages")} <= kept
    assert [page for page in kept if page[0] == CONSOLE or page[1].startswith("/gate")] == []
    assert kept == {page for page in pages if before[page].headers["Cache-Control"].startswith("public")}
    assert [page for page in kept if after[page].content != before[page].content] == []
    away = [after[page] for page in pages if page not in kept]
    assert {(said.status_code, said.headers["Retry-After"], said.headers["Cache-Control"]) for said in away} == {AWAY}
    assert len(away) > len(kept) > 4
    assert "try again" in away[0].text
    assert "127.0.0.1" not in (front.folder / "error.log").read_text()


def test_other_names_are_told_nothing_but_that_the_portal_lives(
    installation: Installation, front: Front, browse: Browse
) -> None:
    serve(installation, browse)
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(f"https://127.0.0.1:{front.port}/", timeout=5)
    told = requests.get(f"http://localhost:{front.plain_port}/faq?lang=nl", timeout=5, allow_redirects=False)
    assert (told.status_code, told.headers["Location"]) == (308, "https://localhost/faq?lang=nl")
    by_number = f"http://127.0.0.1:{front.plain_port}"
    for path in ("/", "/readyz", "/healthz/", "/status"):
        with pytest.raises(requests.ConnectionError):
            requests.get(by_number + path, timeout=5)
    assert requests.get(f"{by_number}/healthz", timeout=5).json() == {"status": "alive"}


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
