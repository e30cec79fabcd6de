"""Origins: what a request says of hosts and proxies changes no link, and leads nobody elsewhere."""

import pytest
from flask import Flask

from portal.database import Database
from tests.identity.bench import everything, requests_of
from tests.requirements import requirement
from tests.servers.app import MakePortal, Newcomer
from tests.servers.ground import StillClock
from tests.visitor import OWN, Visitor

pytestmark = pytest.mark.usefixtures("cast")

AMARA = "amara@mail.example"
EVIL = "evil.example"
FORGED: tuple[dict[str, str], ...] = (
    {"X-Forwarded-Host": EVIL},
    {"X-Forwarded-Proto": "https"},
    {"X-Forwarded-Port": "8443"},
    {"X-Forwarded-Prefix": f"//{EVIL}"},
    {"X-Forwarded-Server": EVIL},
    {"Forwarded": f"for=192.0.2.1;host={EVIL};proto=https"},
    {"X-Original-Host": EVIL, "X-Original-URL": f"https://{EVIL}/v"},
    {"X-Host": EVIL, "X-HTTP-Host-Override": EVIL},
    {"X-Rewrite-URL": f"//{EVIL}/start"},
    {"X-Forwarded-For": EVIL[:0] + "192.0.2.1", "X-Real-IP": "192.0.2.1", "X-Forwarded-Host": f"localhost, {EVIL}"},
    {"Referer": f"https://{EVIL}/", "X-Url-Scheme": "https"},
    {"X-Forwarded-Host": f"{EVIL}:80", "X-Forwarded-Proto": "gopher", "Forwarded": f"host={EVIL}"},
)


@pytest.fixture
def portal(make_portal: MakePortal) -> Flask:
    """The application behind one proxy of ours."""
    return make_portal(trusted_proxies=1)


@requirement("LNK-20")
@pytest.mark.parametrize("forged", FORGED, ids=lambda forged: "+".join(forged))
def test_no_header_changes_the_links_of_a_letter(visitor: Visitor, database: Database, forged: dict[str, str]) -> None:
    asked = visitor.browser.ask("POST", "/start", {"email": AMARA}, {**OWN, **forged})
    assert (asked.status, asked.location) == (303, "/sent")
    letter = visitor.letter(AMARA)
    assert letter.link == f"http://localhost/v?lang=en#{letter.public_id}.{letter.token}"
    assert letter.stop_link.startswith("http://localhost/revoke?lang=en#")
    assert EVIL not in letter.message.as_string()
    assert [request.origin for request in requests_of(database)] == ["http://localhost"]
    assert visitor.follow(letter).location == "/status"


@requirement("LNK-20")
def test_a_request_keeps_the_origin_of_the_brand_that_was_asked(make_portal: MakePortal, database: Database) -> None:
    app = make_portal(origin=None)
    for number, host in enumerate(("incident.uk.stagelight.example", "incident.seatswap.stagelight.example")):
        asked = app.test_client().post("/start", base_url=f"https://{host}", data={"email": AMARA}, headers=OWN)
        assert asked.status_code == 303
        assert requests_of(database)[number].origin == f"https://{host}"


@requirement("LNK-21")
@pytest.mark.parametrize(
    "host", [EVIL, f"localhost.{EVIL}", f"localhost@{EVIL}", "localhost:8080", "127.0.0.1", "", f"{EVIL}:80", "[::1]"]
)
def test_a_host_that_is_not_ours_is_refused_before_anything_is_done(
    newcomer: Newcomer, database: Database, host: str
) -> None:
    before, client = everything(database), newcomer().browser.client  # type: ignore[attr-defined]
    for method, path in (("GET", "/"), ("GET", "/v"), ("POST", "/start"), ("GET", "/no-such-page")):
        answer = client.open(path, method=method, headers={**OWN, "Host": host}, data={"email": AMARA})
        assert answer.status_code in (400, 421)
        assert "Set-Cookie" not in answer.headers
        assert EVIL not in answer.text
    assert everything(database) == before


@requirement("LNK-22")
@pytest.mark.parametrize("name", ["next", "return_to", "url", "redirect", "continue", "to"])
def test_nothing_that_is_asked_for_decides_where_a_page_leads(visitor: Visitor, clock: StillClock, name: str) -> None:
    asked = visitor.post(f"/start?{name}=https://{EVIL}/", {"email": AMARA, name: f"//{EVIL}/"})
    letter = visitor.letter(AMARA)
    link = {"public_id": letter.public_id, "token": letter.token, name: f"https://{EVIL}/"}
    proved = visitor.post(f"/v?{name}=//{EVIL}", link)
    left = visitor.get(f"/status?{name}=https://{EVIL}/")
    assert (asked.location, proved.location, left.location) == ("/sent", "/status", "")
    assert EVIL not in left.text
