"""What may be kept, by whom, and for how long."""

from collections.abc import Callable

import pytest
from flask import Flask, request, url_for
from flask.typing import ResponseReturnValue

from portal.web import caching
from portal.web.locales import spoken_locale
from portal.web.origins import speaking_brand
from tests.requirements import requirement
from tests.servers.ground import MakeSettings, StillClock
from tests.web.bench import OTHER, Client, client_of, make_app


def test_an_information_page_may_be_kept_by_anybody(client: Client) -> None:
    answer = client.get("/")
    assert answer.headers["Cache-Control"] == "public, max-age=300"
    assert answer.headers["Vary"] == "Accept-Language"


def test_an_information_page_sets_no_cookie_even_if_it_tries(client: Client) -> None:
    @client.application.after_request
    def try_to_set(response):  # type: ignore[no-untyped-def]
        response.set_cookie("visitor", "7")
        return response

    assert "Set-Cookie" not in client.get("/").headers
    assert "Set-Cookie" in client.get("/private").headers


@requirement("SES-10")
@pytest.mark.parametrize("path", ["/private", "/fail/404", "/fail/500", "/nowhere", "/healthz"])
def test_everything_else_may_be_kept_by_nobody(client: Client, path: str) -> None:
    answer = client.get(path)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Vary"] == "Cookie"


def test_two_visitors_get_the_same_bytes_of_an_information_page(client: Client) -> None:
    first = client.get("/", headers={"Cookie": "ps=1", "User-Agent": "one"})
    second = client.get("/", headers={"Cookie": "ps=2", "User-Agent": "two"})
    assert first.data == second.data


def counted(app: Flask, path: str, answer: Callable[..., ResponseReturnValue]) -> list[str]:
    """Add a public page; what is handed over grows with each writing of it."""
    written: list[str] = []

    def view(**values: str) -> ResponseReturnValue:
        written.append(request.url_rule.rule if request.url_rule else "")
        return answer(**values)

    app.add_url_rule(path, path, caching.public_page(view))
    return written


def test_a_public_page_is_written_once_for_everybody(hall: Callable[..., Flask]) -> None:
    app = hall()
    written = counted(app, "/news", lambda: f"news in {spoken_locale()}")
    answers = [client_of(app, host=f"203.0.113.{n}").get("/news", headers={"Cookie": f"rq={n}"}) for n in range(5)]
    assert {answer.text for answer in answers} == {"news in en"}
    assert len({str(answer.headers) for answer in answers}) == 1
    assert len(written) == 1


def test_each_language_and_brand_has_a_writing_of_its_own(hall: Callable[..., Flask]) -> None:
    app = hall()
    written = counted(app, "/news", lambda: f"{speaking_brand().id} {spoken_locale()} {url_for('private')}")
    for _ in range(2):
        assert client_of(app).get("/news").text == "b0 en /private"
        assert client_of(app).get("/news?lang=nl").text == "b0 nl /private?lang=nl"
        assert client_of(app).get("/news", headers={"Accept-Language": "nl"}).text == "b0 nl /private"
        assert client_of(app, OTHER).get("/news?lang=made-up").text == "b1 en /private"
    assert len(written) == 4


def test_a_writing_is_good_for_five_minutes(settings: MakeSettings, clock: StillClock) -> None:
    app = make_app(settings(), clock=clock)
    written = counted(app, "/news", lambda: "news")
    for minutes in (0, 4, 2, 4):
        clock.move(minutes=minutes)
        assert client_of(app).get("/news").text == "news"
    assert len(written) == 2


def test_faults_and_pages_with_parts_in_their_address_are_not_kept(hall: Callable[..., Flask]) -> None:
    app = hall()
    broken = counted(app, "/broken", lambda: ("not now", 503))
    parts = counted(app, "/news/<part>", lambda part: part)
    for _ in range(2):
        assert client_of(app).get("/broken").status_code == 503
        assert client_of(app).get("/news/a").text == "a"
        assert client_of(app).get("/news/b").text == "b"
    assert (len(broken), len(parts)) == (2, 4)
    assert client_of(app).get("/broken").headers["Cache-Control"] == "no-store"
