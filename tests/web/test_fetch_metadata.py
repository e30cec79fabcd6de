"""Who may post, as far as browsers tell us where a request began."""

import pytest

from portal.web.fetch_metadata import post_class, public_post
from tests.requirements import requirement
from tests.web.bench import OTHER, SECURE, Client

OPENING = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
LOADING = {"Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
FRAMING = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}


@requirement("WEB-11")
@pytest.mark.parametrize("began", ["cross-site", "same-site", "made-up"])
@pytest.mark.parametrize(("kind", "status"), [(OPENING, 200), (LOADING, 403), (FRAMING, 403), ({}, 403)])
def test_another_site_may_only_open_a_page(client: Client, began: str, kind: dict[str, str], status: int) -> None:
    for method in ("GET", "HEAD"):
        answer = client.open("/private", method=method, headers={"Sec-Fetch-Site": began, **kind})
        assert answer.status_code == status


@requirement("WEB-11")
@pytest.mark.parametrize("began", ["cross-site", "same-site"])
@pytest.mark.parametrize("path", ["/post", "/unclassed", "/nowhere"])
def test_another_site_may_not_post_even_by_opening_a_page(client: Client, began: str, path: str) -> None:
    assert client.post(path, headers={"Sec-Fetch-Site": began, **OPENING}).status_code == 403


@requirement("WEB-11")
@pytest.mark.parametrize("began", ["none", "same-origin", None])
def test_our_own_pages_and_typed_addresses_are_answered(client: Client, began: str | None) -> None:
    told = {"Sec-Fetch-Site": began} if began else {}
    assert client.get("/private", headers={**told, **LOADING}).status_code == 200


@requirement("SES-08")
@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({"Sec-Fetch-Site": "same-origin"}, 200),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"}, 200),
        ({"Sec-Fetch-Site": "none"}, 403),
        ({"Sec-Fetch-Site": "none", "Origin": SECURE}, 403),
        ({"Origin": SECURE}, 200),
        ({"Origin": OTHER}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": SECURE + ".evil.example"}, 403),
        ({"Origin": SECURE.replace("https", "http")}, 403),
        ({"Referer": SECURE + "/"}, 403),
        ({}, 403),
    ],
)
def test_a_public_post_must_begin_on_our_own_page(client: Client, told: dict[str, str], status: int) -> None:
    assert client.post("/post", headers=told).status_code == status


@requirement("SES-08")
def test_a_refused_post_is_explained(client: Client) -> None:
    page = client.post("/post", headers={"Origin": "null"}).text
    assert "Please send this from our own page" in page
    assert "Open our first page and try again there" in page


@requirement("SES-08")
def test_a_post_in_no_class_is_refused(client: Client) -> None:
    assert client.post("/unclassed", headers={"Sec-Fetch-Site": "same-origin"}).status_code == 403


@requirement("SES-08")
def test_a_view_belongs_to_one_class_only() -> None:
    with pytest.raises(TypeError, match="class of posts already"):
        post_class("visit")(public_post(lambda: "done"))
