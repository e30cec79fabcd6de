"""The addresses we speak from, and the only place that reads the Host of a request."""

from collections.abc import Sequence
from datetime import tzinfo
from functools import cache
from typing import Protocol, cast
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import SecurityError

from portal.extensions import ground
from portal.networks import client_host, client_is_within

CONSOLE = "console."
SHARED = ("assets.", "health.", "reports.")


class Brand(Protocol):
    """What a page must know of a brand."""

    @property
    def id(self) -> str:
        """Its id in the incident file."""

    @property
    def name(self) -> str:
        """Its name, as customers know it."""

    @property
    def origin(self) -> str:
        """Scheme, host and port, without a path."""


class Words(Protocol):
    """What a page must know of the incident's words in one language."""

    @property
    def hours(self) -> str:
        """When the telephone is answered."""


class Site(Protocol):
    """What the web hall must know of the incident, which stands above it."""

    @property
    def brands(self) -> Sequence[Brand]:
        """Every brand; the first speaks where none is asked for."""

    @property
    def locales(self) -> Sequence[str]:
        """Every language; the first is spoken where none is asked for."""

    @property
    def zone(self) -> tzinfo:
        """The zone that dates and times are told in."""

    @property
    def company(self) -> object:
        """Who runs the brands and how a person there is reached."""

    def words(self, locale: str) -> Words:
        """The words in this language, or in the first one."""


def site() -> Site:
    """The incident of the application at hand, as far as pages care."""
    return cast(Site, current_app.extensions["incident"])


def allowed_hosts(held: Site, *others: str) -> list[str]:
    """The hosts of every origin, for Flask's TRUSTED_HOSTS."""
    origins = [*(brand.origin for brand in held.brands), *others]
    return sorted({urlsplit(origin).hostname or "" for origin in origins})


def asked_brand() -> Brand | None:
    """The brand whose origin has this request's host and port; None for a host that is not ours."""
    named = _named()
    return next((brand for brand in site().brands if named in _hosts(brand.origin)), None)


def asks_console() -> bool:
    """Whether this request is for the staff console, from a network that may see it."""
    settings = ground().settings
    if settings.console_origin is None or _named() not in _hosts(settings.console_origin):
        return False
    return settings.console_networks is None or client_is_within(settings.console_networks)


def is_ours() -> bool:
    """Whether this request is for a host of ours at all."""
    return asked_brand() is not None or asks_console()


def speaking_brand() -> Brand:
    """The brand of this request; refuses with 421 where no configured origin fits."""
    return asked_brand() or abort(421)


def speaking_origin() -> str:
    """The configured origin of this request; refuses with 421 where none fits."""
    console = ground().settings.console_origin
    return console if console and asks_console() else speaking_brand().origin


def is_secure() -> bool:
    """Whether this request's origin is https; decides Secure cookies, HSTS and upgrades."""
    origin = speaking_origin() if is_ours() else site().brands[0].origin
    return origin.startswith("https://")


def init_app(app: Flask) -> None:
    """Refuse foreign hosts and unreadable senders before any other thing is done; must come first."""
    console = app.extensions["portal"].settings.console_origin
    app.config["TRUSTED_HOSTS"] = allowed_hosts(app.extensions["incident"], *filter(None, [console]))
    app.before_request(_refuse_foreign_hosts)
    app.before_request(_keep_hosts_apart)


def _refuse_foreign_hosts() -> None:
    if isinstance(request.routing_exception, SecurityError):
        raise request.routing_exception
    speaking_origin()
    client_host()  # refuses what is not an address, before a limiter would mistake it for its own failure (SES-12)


def _keep_hosts_apart() -> ResponseReturnValue | None:
    # The console's pages are on its own host alone, and no other page is there (STF-01).
    endpoint = request.endpoint or ""
    if request.path == "/" and asks_console():
        return redirect(url_for("console.home.show"), 303)
    if not endpoint.startswith(SHARED) and endpoint.startswith(CONSOLE) != asks_console():
        abort(404)
    return None


def _named() -> str | None:
    # The scheme is the origin's: a proxy that forgets to name it must not change our links (LNK-20).
    named = str(request.environ.get("HTTP_HOST", "")).lower()
    asked = request.environ.get("RAW_URI", "").partition("?")[0].lower()
    # Whoever asks for a whole address means its host, whatever the Host header says (RFC 9112, section 3.2.2).
    return None if "://" in asked and urlsplit(asked).netloc != named else named


@cache
def _hosts(origin: str) -> frozenset[str]:
    parts = urlsplit(origin)
    usual = {"https": 443, "http": 80}[parts.scheme]
    named = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    port = parts.port or usual
    return frozenset({f"{named}:{port}", named} if port == usual else {f"{named}:{port}"})
