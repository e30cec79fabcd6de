"""The wire: how a store is asked over HTTPS, at one address only, with no redirect and an end to every wait."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any
from urllib.parse import quote, urlsplit
from weakref import finalize

import requests
from requests.adapters import HTTPAdapter

from portal.config import Settings
from portal.reset.stores.protocol import StoreAway, StoreBusy, StoreUncertain

LINES = 64
CONNECT_SECONDS, ANSWER_SECONDS = 3.0, 7.0  # together the ten that a call may take
MOST_BYTES = 1_000_000
LONGEST_WAIT = 3600.0
BUSY = (429, 503)


@dataclass
class Wire:
    """A line to the one address of the settings, for any number of threads.

    `trusted` is a file of certificates, or True for the system's.
    """

    base: str
    trusted: str | bool = True
    session: requests.Session = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Whoever lets go of it leaves no connection open."""
        self.session = _session(self.trusted)
        finalize(self, self.session.close)

    @classmethod
    def of(cls, settings: Settings) -> "Wire":
        """The line that the settings describe."""
        own = settings.store_authority
        return cls((settings.store_url or "").rstrip("/"), str(settings.within(own)) if own else True)

    def ask(self, method: str, path: str, **said: Any) -> requests.Response:
        """One question; `path` is taken as it is, so names in it go through `spelled`.

        Raises StoreBusy, with what Retry-After says, on 429 and 503; StoreAway where nobody was reached; and
        StoreUncertain on any other failure and on redirects, which are not followed.
        """
        url = f"{self.base}{path}"
        if urlsplit(url).netloc != urlsplit(self.base).netloc:
            raise ValueError("another host")
        try:
            told = self.session.request(
                method, url, timeout=(CONNECT_SECONDS, ANSWER_SECONDS), allow_redirects=False, **said
            )
        except (requests.ConnectTimeout, requests.exceptions.SSLError):
            raise StoreAway from None
        except requests.ConnectionError as error:
            raise (StoreAway if _was_refused(error) else StoreUncertain) from None
        except requests.RequestException:
            raise StoreUncertain from None
        if told.status_code in BUSY:
            raise StoreBusy(_seconds(told.headers))
        if told.is_redirect or told.status_code >= 500 or len(told.content) > MOST_BYTES:
            raise StoreUncertain
        return told


def _session(trusted: str | bool) -> requests.Session:
    session = requests.Session()
    # A proxy, a netrc or an authority of the environment must see nothing of it, and no cookie is kept.
    session.trust_env, session.verify = False, trusted
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = HTTPAdapter(pool_maxsize=LINES, max_retries=0)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def spelled(name: str) -> str:
    """A name as one part of a path: no sign of it can lead elsewhere."""
    return quote(name, safe="").replace(".", "%2E")


def object_of(told: requests.Response) -> dict[str, Any]:
    """The JSON object of an answer; raises StoreUncertain where it is none."""
    try:
        held = told.json()
    except ValueError:
        held = None
    if not isinstance(held, dict):
        raise StoreUncertain
    return held


def _was_refused(error: requests.ConnectionError) -> bool:
    # Before a connection stands nothing was said; afterwards nobody knows.
    return "NewConnectionError" in repr(error) or "NameResolutionError" in repr(error)


def _seconds(headers: Mapping[str, str]) -> float:
    """What Retry-After asks for: a number, or a moment by the store's own clock (RFC 9110, section 10.2.3)."""
    told = headers.get("Retry-After", "")
    if told.isascii() and told.isdigit():
        return min(float(told), LONGEST_WAIT)
    try:
        wait = parsedate_to_datetime(told) - parsedate_to_datetime(headers.get("Date", ""))
    except ValueError:
        return 0.0
    return min(max(wait.total_seconds(), 0.0), LONGEST_WAIT)
