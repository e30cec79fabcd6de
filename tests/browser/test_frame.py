"""What every answer says to the browser, over TLS."""

import pytest

from portal.web.assets import FOLDER, gather
from tests.browser.site import Site
from tests.letters import at_relay
from tests.requirements import requirement
from tests.visitor import Answer

STYLE = f"/static/{gather(FOLDER)['css/brand.css'].digest}/css/brand.css"
PATHS = ["/", "/faq", "/v", "/sent", "/leave", "/status", "/nowhere", "/healthz", STYLE]
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; object-src 'none'; manifest-src 'self'; "
    "require-trusted-types-for 'script'; trusted-types 'none'; upgrade-insecure-requests; "
    "report-uri /r/csp; report-to csp"
)
SEPARATE = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


@pytest.fixture(params=PATHS)
def answer(request: pytest.FixtureRequest, site: Site) -> Answer:
    """What comes back for each kind of address."""
    return site.installation.visitor(at_relay(site.relay)).get(request.param)


@requirement("WEB-02")
def test_the_policy_is_the_strict_one_in_one_header(answer: Answer) -> None:
    assert answer.headers["Content-Security-Policy"] == POLICY


@requirement("WEB-06")
def test_nobody_frames_us_or_reads_across_origins(answer: Answer) -> None:
    said = {name: answer.headers[name] for name in SEPARATE}
    assert said == SEPARATE
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


@requirement("WEB-07")
def test_encryption_is_demanded_for_two_years(answer: Answer) -> None:
    assert answer.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains; preload"
