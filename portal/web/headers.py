"""The headers of every answer: what a browser may load, keep, tell others and switch on."""

from functools import cache

from flask import Flask, Response

from portal.web.origins import asks_console, is_secure

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; manifest-src 'self'; "
    "require-trusted-types-for 'script'; trusted-types 'none';{upgrade} report-uri /r/csp; report-to csp"
)
UPGRADE = " upgrade-insecure-requests;"

# The names that browsers have registered: w3c/webappsec-permissions-policy, features.md.
FEATURES = (
    "accelerometer ambient-light-sensor attribution-reporting autoplay battery bluetooth browsing-topics camera "
    "clipboard-read compute-pressure cross-origin-isolated display-capture encrypted-media "
    "execution-while-not-rendered execution-while-out-of-viewport fullscreen gamepad geolocation gyroscope hid "
    "identity-credentials-get idle-detection keyboard-map local-fonts magnetometer mediasession microphone midi "
    "navigation-override otp-credentials payment picture-in-picture publickey-credentials-create "
    "publickey-credentials-get screen-wake-lock serial speaker-selection storage-access sync-xhr unload usb "
    "web-share window-management xr-spatial-tracking"
)
PERMISSIONS = ", ".join(f"{feature}=()" for feature in FEATURES.split()) + ", clipboard-write=(self)"
# Only the staff sign in, and only at the console.
PASSKEYS = ("publickey-credentials-create", "publickey-credentials-get")

HEADERS = {
    "Integrity-Policy": "blocked-destinations=(script), endpoints=(csp)",
    "Reporting-Endpoints": 'csp="/r/csp"',
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Origin-Agent-Cluster": "?1",
    "Permissions-Policy": PERMISSIONS,
}
TWO_YEARS = "max-age=63072000; includeSubDomains; preload"


@cache
def headers(*, secure: bool, console: bool = False) -> dict[str, str]:
    """Every header but those of caching; `secure` says whether the origin is https, `console` whether staff sign in."""
    told = {"Content-Security-Policy": POLICY.format(upgrade=UPGRADE if secure else "")} | HEADERS
    for feature in PASSKEYS if console else ():
        told["Permissions-Policy"] = told["Permissions-Policy"].replace(f"{feature}=()", f"{feature}=(self)")
    return told | {"Strict-Transport-Security": TWO_YEARS} if secure else told


def init_app(app: Flask) -> None:
    """Put the headers on every answer, errors and files included."""
    app.after_request(_add_headers)


def _add_headers(response: Response) -> Response:
    for name, value in headers(secure=is_secure(), console=asks_console()).items():
        response.headers[name] = value
    return response
