"""What every answer says to the browser, over TLS, and where a page's parts come from."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Request

from portal.web.assets import FOLDER, gather
from tests.browser.site import Site
from tests.browser.tour import stops
from tests.letters import at_relay
from tests.requirements import requirement
from tests.visitor import Answer

COUNT = "selector => document.querySelectorAll(selector).length"
UNPINNED = "script:not([integrity][crossorigin=anonymous]), link[rel=stylesheet]:not([integrity])"
OTHER_LOADERS = "iframe, object, embed, base, link[rel~=preload], link[rel~=preconnect]"
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


@requirement("WEB-01")
def test_no_page_asks_anybody_but_us_and_every_part_is_pinned(site: Site, page: Page) -> None:
    asked: list[Request] = []
    page.context.on("request", lambda request: asked.append(request))
    faults = [stop for stop in stops(page, site) if page.evaluate(COUNT, f"{UNPINNED}, {OTHER_LOADERS}")]
    assert faults == []
    ours = urlsplit(site.at("/"))
    assert {urlsplit(request.url)[:2] for request in asked} == {(ours.scheme, ours.netloc)}
    assert {request.resource_type for request in asked} <= {"document", "script", "stylesheet", "image", "other"}


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
