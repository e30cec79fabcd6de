"""Where a request comes from, over a real socket: nobody can choose it, and nothing malformed gets through."""

import json

import pytest
from sqlalchemy import select

from portal.database import Database
from portal.identity.links import HOST, NETWORK, LinkRequest
from portal.limits import REQUESTS_PER_HOST
from portal.sealing import KeyRing
from tests.luck.wire import Line, ask, get, post
from tests.requirements import requirement
from tests.servers.databases import url_of
from tests.servers.processes import Install, Installation

FLOODED = 429
MOVED = 10  # the minute that is counted moves on while a test floods, and lets a few more through
SPOOFED = ("X-Real-IP", "Forwarded", "True-Client-IP", "CF-Connecting-IP", "X-Client-IP", "X-Forwarded", "Client-IP")


NINE = ("203.0.113.9/32", "203.0.113.0/24")
PEER = ("127.0.0.1/32", "127.0.0.0/24")
HOME = ("2001:db8:1:2::/64", "2001:db8:1::/48")


@requirement("OPS-04", "OPS-05")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("proxies", "said"),
    [
        (0, {"203.0.113.9": PEER, "a": PEER, "": PEER}),
        (
            1,
            {
                "203.0.113.9": NINE,
                "198.51.100.1, 203.0.113.9": NINE,
                "a, <script>, 203.0.113.9": NINE,
                "::ffff:203.0.113.9": NINE,
                "2001:db8:1:2:3::9": HOME,
            },
        ),
        (2, {"198.51.100.1, 203.0.113.9, 10.0.0.1": NINE, "203.0.113.9, 10.0.0.1": NINE, "203.0.113.9": PEER}),
    ],
)
def test_only_what_our_own_proxies_say_is_written_down(
    install: Install, database: Database, keys: KeyRing, proxies: int, said: dict[str, tuple[str, str]]
) -> None:
    installation = install(trusted_proxies=proxies)
    installation.web()
    lies = {name.replace("-", "_"): "192.0.2.1" for name in SPOOFED}
    for words in said:
        form = post(installation.port, "/start", {"email": "amara@mail.example"}, **lies, X_Forwarded_For=words)
        assert ask(installation.port, form).status == 303
    with database.read() as session:
        rows = session.scalars(select(LinkRequest).order_by(LinkRequest.id)).all()
    wanted = [(keys.mac(HOST, host), keys.mac(NETWORK, network)) for host, network in said.values()]
    assert [(row.host, row.network) for row in rows] == wanted


def flood(port: int, turns: int, said: str) -> list[int]:
    """Ask so often; `{}` stands for the number of the turn."""
    with Line(port) as line:
        told = []
        for turn in range(turns):
            line.send(get(port, "/leave", X_Forwarded_For=said.format(turn)))
            told.append(line.answer().status)
        return told


@requirement("OPS-04", "OPS-05")
@pytest.mark.parametrize(
    "said", ["198.51.100.{}, 203.0.113.70", "2001:db8:7:8::{}", "198.51.100.{}, ::ffff:203.0.113.71"]
)
def test_a_flood_is_told_so_whatever_it_says_of_itself(port: int, said: str) -> None:
    told = flood(port, REQUESTS_PER_HOST.amount + MOVED, said)
    assert told[: REQUESTS_PER_HOST.amount] == [200] * REQUESTS_PER_HOST.amount
    assert told[-1] == FLOODED


@requirement("OPS-05")
def test_a_flooder_is_told_how_long_to_wait_and_his_neighbours_are_answered(port: int) -> None:
    flood(port, REQUESTS_PER_HOST.amount + MOVED, "203.0.113.80")
    flood(port, REQUESTS_PER_HOST.amount + MOVED, "2001:db8:9:1::1")
    refused = ask(port, get(port, "/leave", X_Forwarded_For="203.0.113.80"))
    assert (refused.status, refused.first("Retry-After")) == (FLOODED, "60")
    assert not [name for name, _ in refused.headers if "ratelimit" in name.lower()]
    for neighbour in ("203.0.113.81", "2001:db8:9:2::1"):
        assert ask(port, get(port, "/leave", X_Forwarded_For=neighbour)).status == 200


@requirement("SES-12")
@pytest.mark.parametrize(
    "said",
    ["a", "''", "[::1", "203.0.113.9:80", "1.2.3", "256.0.0.1", "203.0.113.9, x", "%00", "\u00e9"],
)
def test_a_sender_that_is_no_address_is_denied(site: Installation, port: int, said: str) -> None:
    for request in (get(port, "/leave", X_Forwarded_For=said), post(port, "/start", {}, X_Forwarded_For=said)):
        told = ask(port, request)
        assert told.status == 400
        assert "Set-Cookie" not in told.head.decode()
    assert said not in site.processes[0].log() or said in ("a", "''")


@requirement("SES-12")
@pytest.mark.parametrize(
    "cookie",
    [
        "ps=" + "a" * 50,
        "ps=\u00e9\u4e2d\U0001f600" + "a" * 47,
        "ps=\udcff".encode("utf-8", "surrogateescape").decode("latin-1"),
        'ps="\\777\\000\\015\\012"; rq="\\"',
        "ps=" + "a" * 7000,
        ";;;==;= ;ps;rq=",
        "; ".join(["ps=" + "b" * 50] * 50),
        "rehearsal=.\u00e9.\u00e9; ps=",
        "$Version=1; ps=a; $Path=/; $Domain=evil.example",
        "ps=a\tb; rq={}".format("z" * 50),
    ],
)
def test_a_malformed_cookie_opens_nothing_and_breaks_nothing(port: int, cookie: str) -> None:
    for path in ("/status", "/leave", "/"):
        told = ask(port, get(port, path, Cookie=cookie))
        assert (told.status, told.first("Location")) == ((303, "/") if path == "/status" else (200, ""))
    for path in ("/again", "/leave"):
        assert ask(port, post(port, path, {"csrf_token": "x"}, Cookie=cookie)).first("Location") == "/"
    for path in ("/v", "/revoke"):
        assert ask(port, post(port, path, {"code": "0000-0000"}, Cookie=cookie)).status == 400


@requirement("SES-12", "OPS-10")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_what_nobody_foresaw_is_denied_and_logged_by_its_kind(install: Install, bare_database: Database) -> None:
    installation = install()
    installation.environment["PORTAL_DATABASE_URL"] = url_of(bare_database)  # a database without any table
    web = installation.web()
    told = ask(installation.port, get(installation.port, "/status", Cookie="ps=" + "a" * 50))
    assert told.status == (503 if bare_database.is_sqlite else 500)
    lines = [json.loads(line) for line in web.log().splitlines()]
    (fault,) = [line for line in lines if line["level"] == "error"]
    assert fault["error"] in ("OperationalError", "ProgrammingError")
    for inner in ("Traceback", "sqlalchemy", "psycopg", "visit.id", "no such table"):
        assert inner not in told.text + web.log()
