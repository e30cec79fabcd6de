"""What may be kept, by whom, and for how long."""

import pytest

from tests.requirements import requirement
from tests.web.bench import Client


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
