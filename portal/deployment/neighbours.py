"""The neighbours: whether the mail relay takes us in privately, and whether the shared counter answers."""

from collections.abc import Iterator

from limits.errors import ConfigurationError
from limits.storage import storage_from_string

from portal.config import Settings
from portal.deployment.finding import Finding, look, mend, well
from portal.mail.postboxes.errors import Unavailable
from portal.mail.postboxes.smtp import SmtpPostbox
from portal.spelling import THIS_MACHINE

RELAY, COUNTER = "relay", "counter"
PATIENCE_SECONDS = 2
# The kinds of faults that a person can do something about; each is the name of what was raised.
REMEDIES = {
    "gaierror": "No machine has this name: look at PORTAL_SMTP_HOST.",
    "ConnectionRefusedError": "Nothing listens there: look at PORTAL_SMTP_PORT, or start the relay.",
    "TimeoutError": "Nobody answers: does a firewall let us out, and is PORTAL_SMTP_SECURITY right for this port?",
    "SSLCertVerificationError": "Its certificate does not prove its name: let the relay show one that does.",
    "SMTPNotSupportedError": "It offers no encryption or no log-in: let it, or look at PORTAL_SMTP_PORT.",
    "SMTPAuthenticationError": "It refuses the account: look at PORTAL_SMTP_USER and PORTAL_SMTP_PASSWORD.",
}
OTHERWISE = "Is it running, and are PORTAL_SMTP_PORT and PORTAL_SMTP_SECURITY right?"


def relay_finding(settings: Settings) -> Finding:
    """Whether the relay would take a letter from us, over a line that nobody reads; sends none."""
    if settings.postbox != "smtp":
        return mend(RELAY, f"letters go to the postbox “{settings.postbox}”", "Say PORTAL_POSTBOX=smtp.")
    named = f"{settings.smtp_host}:{settings.smtp_port}"
    try:
        encrypted = SmtpPostbox(settings).greet()
    except Unavailable as error:
        return mend(RELAY, f"{named} does not take us in ({error})", REMEDIES.get(str(error), OTHERWISE))
    if encrypted:
        return well(RELAY, f"{named} takes us in over {encrypted}, and its certificate proves its name")
    if settings.smtp_host in THIS_MACHINE:
        return well(RELAY, f"{named} takes us in, and the line to it stays within this machine")
    return mend(
        RELAY, f"{named} takes us in, but unencrypted", "Say PORTAL_SMTP_SECURITY=starttls or tls: letters hold links."
    )


def counter_findings(settings: Settings) -> Iterator[Finding]:
    """Whether web limits are counted where all web processes see them."""
    if settings.limiter_url.startswith("memory"):
        yield look(
            COUNTER,
            "web limits are counted in the memory of one web process",
            "That is right for one; for several, name a Valkey or Redis in PORTAL_LIMITER_URL.",
        )
    elif _answers(settings.limiter_url):
        yield well(COUNTER, "it answers")
    else:
        yield mend(
            COUNTER, "it does not answer", "Start it, or look at PORTAL_LIMITER_URL; limits are tighter without."
        )


def _answers(url: str) -> bool:
    try:
        storage = storage_from_string(url, socket_connect_timeout=PATIENCE_SECONDS, socket_timeout=PATIENCE_SECONDS)
        return storage.check() is True
    except (ConfigurationError, OSError):
        return False
