"""Languages: chosen by the reader, else by the browser, and carried in addresses only."""

from collections.abc import Callable

import pytest
from flask import Flask, url_for

from portal.web.locales import select_locale
from tests.web.bench import SECURE, Client, StandIn, client_of


@pytest.mark.parametrize(
    ("path", "accepted", "language"),
    [
        ("/", "", "en"),
        ("/", "nl", "nl"),
        ("/", "nl-BE,en;q=0.5", "nl"),
        ("/", "fr, de", "en"),
        ("/?lang=nl", "en", "nl"),
        ("/?lang=fr", "nl", "nl"),
        ("/?lang=../../etc", "", "en"),
        ("/?lang=nl&lang=en", "", "nl"),
    ],
)
def test_the_readers_choice_comes_first_then_the_browsers(
    client: Client, path: str, accepted: str, language: str
) -> None:
    assert f'<html lang="{language}" dir="ltr"' in client.get(path, headers={"Accept-Language": accepted}).text


def test_a_chosen_language_is_carried_by_every_address(hall: Callable[..., Flask]) -> None:
    app = hall()
    with app.test_request_context("/?lang=nl", base_url=SECURE):
        assert url_for("private") == "/private?lang=nl"
        assert url_for("assets.serve", digest="a", path="b") == "/static/a/b"
    with app.test_request_context("/", base_url=SECURE, headers={"Accept-Language": "nl"}):
        assert url_for("private") == "/private"


def test_a_form_may_carry_the_language(hall: Callable[..., Flask]) -> None:
    with hall().test_request_context("/post", method="POST", data={"lang": "nl"}, base_url=SECURE):
        assert select_locale() == "nl"


def test_a_language_that_is_written_from_the_right_turns_the_page(hall: Callable[..., Flask]) -> None:
    client = client_of(hall(StandIn(locales=("ar",))))
    assert '<html lang="ar" dir="rtl"' in client.get("/").text


def test_other_languages_are_offered_by_their_own_names(client: Client) -> None:
    page = client.get("/").text
    assert 'href="?lang=nl" lang="nl" hreflang="nl">Nederlands</a>' in page


def test_one_language_needs_no_choice(hall: Callable[..., Flask]) -> None:
    assert "?lang=" not in client_of(hall(StandIn(locales=("en",)))).get("/").text
