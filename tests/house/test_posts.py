"""Every post belongs to exactly one class of forms; pages that show and acts that change are two functions."""

import pytest
from flask import Flask
from werkzeug.routing import Rule

from portal import create_app
from tests.requirements import requirement
from tests.servers.ground import MakeSettings, StillClock

CLASSES = {"public", "visit", "case", "staff", "report", "gate"}
SAFE = {"GET", "HEAD", "OPTIONS"}
REPORTS = "/r/csp"


@pytest.fixture
def app(settings: MakeSettings, clock: StillClock) -> Flask:
    """An application that nobody asks anything."""
    return create_app(settings(console_origin="https://console.stagelight.example"), clock=clock)


def acts(app: Flask) -> list[Rule]:
    """Every route that changes something."""
    return [rule for rule in app.url_map.iter_rules() if set(rule.methods or ()) - SAFE]


@requirement("SES-08")
def test_every_post_is_in_exactly_one_class(app: Flask) -> None:
    classes = {str(rule): getattr(app.view_functions[rule.endpoint], "post_class", None) for rule in acts(app)}
    assert {path: said for path, said in classes.items() if said not in CLASSES} == {}
    assert [path for path, said in classes.items() if said == "report"] == [REPORTS]


def test_what_shows_does_not_act(app: Flask) -> None:
    assert [str(rule) for rule in acts(app) if set(rule.methods or ()) & {"GET", "HEAD"}] == []


def test_nothing_but_post_acts(app: Flask) -> None:
    assert {method for rule in acts(app) for method in set(rule.methods or ()) - SAFE} == {"POST"}


@requirement("SES-08")
def test_there_is_no_flask_session(app: Flask) -> None:
    assert app.secret_key is None


@requirement("LNK-22")
def test_no_page_takes_an_address_to_go_to(app: Flask) -> None:
    taken = {argument for rule in app.url_map.iter_rules() for argument in rule.arguments}
    assert taken & {"next", "return_to", "url", "target"} == set()
