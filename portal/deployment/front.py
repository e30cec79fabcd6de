"""The front: whether each origin is reached over TLS from here, and believes nobody who names an address of his own."""

import ctypes
from collections.abc import Iterator

import requests

from portal.config import HalfConfigured, Settings
from portal.deployment.finding import Finding, look, mend, well
from portal.incident import door
from portal.incident.file import Incident

INCIDENT, ORIGIN, PROXIES, CLOCK = "incident", "origin", "proxies", "clock"
PATIENCE_SECONDS = 5
NOT_OURS = (400, 421)
WEB_AWAY = (502, 503, 504)
FORGED = {"X-Forwarded-For": "nobody"}
UNSYNCHRONISED = 5  # TIME_ERROR of adjtimex(2)
TIMEX_BYTES = 512  # more than struct timex has anywhere


def front_findings(settings: Settings) -> Iterator[Finding]:
    """The incident file, and each address that it and the settings name."""
    if settings.environment != "production":
        yield mend("settings", "the environment is development", "Say PORTAL_ENVIRONMENT=production, or leave it out.")
    try:
        incident = door.load(settings)
    except HalfConfigured as error:
        yield mend(INCIDENT, error.message.splitlines()[0].rstrip(".:"), "Run `flask incident check`.")
        return
    yield well(INCIDENT, f"“{incident.name}” can be used")
    for origin in _origins(settings, incident):
        yield from _origin_findings(origin, settings)


def clock_finding() -> Finding:
    """Whether something keeps this machine's clock right, as its kernel says."""
    ask = getattr(ctypes.CDLL(None), "adjtimex", None)
    told = ask(ctypes.create_string_buffer(TIMEX_BYTES)) if ask else None
    if told is None or told < 0:
        return look(CLOCK, "this system does not say whether its clock is kept right", "Look yourself.")
    if told == UNSYNCHRONISED:
        return look(CLOCK, "nothing on this machine keeps its clock right", "Install chrony, unless its host does it.")
    return well(CLOCK, "it follows a time server")


def _origins(settings: Settings, incident: Incident) -> list[str]:
    named = [*(brand.origin for brand in incident.brands), settings.console_origin]
    return sorted({origin for origin in named if origin})


def _origin_findings(origin: str, settings: Settings) -> Iterator[Finding]:
    if not origin.startswith("https://"):
        yield mend(ORIGIN, f"{origin} is not encrypted", "Begin it with https.")
    try:
        answer = _ask(f"{origin}/healthz")
    except requests.exceptions.SSLError:
        yield mend(ORIGIN, f"{origin} has no certificate that proves its name", "Renew it, with every name of it.")
        return
    except requests.RequestException as error:
        yield mend(
            ORIGIN, f"{origin} does not answer ({type(error).__name__})", "Start web and nginx; let the name lead here."
        )
        return
    if answer.status_code in WEB_AWAY:
        yield mend(
            ORIGIN,
            f"{origin} leads to a front that does not reach web ({answer.status_code})",
            "Start web, or wait until it has started; the front's upstream must name it.",
        )
        return
    if not _is_ours(answer):
        yield mend(ORIGIN, f"at {origin} somebody else answers", "Let the name lead here.")
        return
    yield _name_finding(origin, settings)
    yield _proxies_finding(origin, settings.trusted_proxies)


def _name_finding(origin: str, settings: Settings) -> Finding:
    if _ask(f"{origin}/").status_code not in NOT_OURS:
        return well(ORIGIN, f"{origin} answers")
    if origin == settings.console_origin and settings.console_networks:
        return look(ORIGIN, f"{origin} does not show itself here", "Is this machine in PORTAL_CONSOLE_NETWORKS?")
    return mend(ORIGIN, f"{origin} answers, but does not know its name", "Let nginx hand the Host on as it came.")


def _proxies_finding(origin: str, count: int) -> Finding:
    # What is no address is refused where it is believed, so nobody needs to be told whose address was.
    if not _is_ours(_ask(f"{origin}/healthz", FORGED)):
        return mend(
            PROXIES,
            f"{origin} believes a forged X-Forwarded-For",
            "PORTAL_TRUSTED_PROXIES is too high.",
        )
    if count == 0:
        return look(
            PROXIES,
            f"{origin} believes no proxy",
            "If one stands in front, all customers share its limits: say PORTAL_TRUSTED_PROXIES=1.",
        )
    return well(PROXIES, f"{origin} believes no forged X-Forwarded-For; {count} stand in front, the settings say")


def _is_ours(answer: requests.Response) -> bool:
    return answer.status_code == 200 and answer.text.strip() == '{"status":"alive"}'


def _ask(url: str, said: dict[str, str] | None = None) -> requests.Response:
    return requests.get(url, headers=said, timeout=PATIENCE_SECONDS, allow_redirects=False)
