"""A small application with the web hall and a few rooms of no meaning, so that the hall is tested by itself."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, abort, current_app, render_template_string, request
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import OperationalError

from portal import config, extensions, networks
from portal.config import ROOT
from portal.extensions import Ground, limiter
from portal.web import (
    assets,
    bodies,
    caching,
    errors,
    fetch_metadata,
    filters,
    frame,
    headers,
    health,
    locales,
    origins,
    reports,
    requests_log,
)

HALLS = (
    requests_log, headers, caching, health, origins, fetch_metadata, bodies, locales, filters, frame, assets, errors,
    reports,
)  # fmt: skip
SECURE = "https://help.stagelight.example"
OTHER = "https://help.seatswap.example"
LONDON = ZoneInfo("Europe/London")
PLAIN = "http://localhost:8000"
PAGE = """{% extends "layouts/base.html" %}{% block h1 %}A page{% endblock %}
{% block content %}<p class="govuk-body">{{ day | moment_in_words }}</p>{% endblock %}"""


@dataclass
class StandIn:
    """An incident as far as the web hall looks at it."""

    origins: tuple[str, ...] = (SECURE, OTHER)
    locales: tuple[str, ...] = ("en", "nl")
    zone: tzinfo = LONDON
    company: Any = field(
        default_factory=lambda: SimpleNamespace(
            name="Stagelight Tickets Ltd",
            address=("1 Stage Street", "London"),
            data_protection_officer=SimpleNamespace(name="Ada Officer", email="privacy@stagelight.example"),
        )
    )

    @property
    def brands(self) -> list[Any]:
        """A brand for each origin."""
        contacts = {"email": "help@stagelight.example", "phone": "+44 20 7946 0000"}
        return [
            SimpleNamespace(id=f"b{n}", name=f"Brand {n}", origin=o, **contacts) for n, o in enumerate(self.origins)
        ]

    def words(self, _locale: str) -> Any:
        """Only the hours are asked for."""
        return SimpleNamespace(hours="Monday to Friday, 9 to 5")


class Client(FlaskClient):
    """A client at one origin."""

    origin = SECURE

    def open(self, *args: Any, **kwargs: Any) -> Any:
        """As always, but at the origin."""
        return super().open(*args, **({"base_url": self.origin} | kwargs))


def make_app(
    settings: config.Settings, site: StandIn | None = None, clock: Callable[[], datetime] | None = None
) -> Flask:
    """The halls in the order of the real application, and the rooms below."""
    app = Flask("bench", static_folder=None, template_folder=str(ROOT / "templates"))
    extensions.init_app(app, Ground(settings, clock or (lambda: datetime(2018, 7, 2, 8, tzinfo=UTC))))
    networks.init_app(app, settings.trusted_proxies)
    app.extensions["incident"] = site or StandIn()
    requests_log.configure("INFO")
    for hall in HALLS:
        hall.init_app(app)
    limiter.init_app(app)
    limiter.reset()
    _add_rooms(app)
    return app


def _add_rooms(app: Flask) -> None:
    app.add_url_rule("/", "incident.index", caching.public_page(_page))
    app.add_url_rule("/private", "private", _page)
    app.add_url_rule("/post", "post", fetch_metadata.public_post(_page), methods=["POST"])
    app.add_url_rule("/unclassed", "unclassed", _page, methods=["POST"])
    app.add_url_rule("/customers/<reference>", "customer", _page)
    app.add_url_rule("/fail/<int:status>", "fail", _fail)
    app.add_url_rule("/breaks", "breaks", _break)
    app.add_url_rule("/gate/fail/<int:status>", "gate-fail", _fail)
    app.add_url_rule("/gate/breaks", "gate-breaks", _break)
    app.add_url_rule("/gate/away", "gate-away", _away)
    app.add_url_rule("/away", "away", _away)


def _page(**_values: str) -> ResponseReturnValue:
    return render_template_string(PAGE, day=current_app.extensions["portal"].clock())


def _fail(status: int) -> ResponseReturnValue:
    abort(status)


def _break() -> ResponseReturnValue:
    raise RuntimeError("the secret address amara@mail.example")


def _away() -> ResponseReturnValue:
    raise OperationalError("select 1", {"address": request.remote_addr}, Exception("amara@mail.example"))


def client_of(app: Flask, origin: str = SECURE, host: str = "203.0.113.7") -> Client:
    """A client of an application, at one of its origins and from one address."""
    client = Client(app, app.response_class)
    client.origin = origin
    client.environ_base |= {"REMOTE_ADDR": host}
    return client
