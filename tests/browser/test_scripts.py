"""Scripts: each does what it is for, none runs with other bytes than ours, and no text becomes markup."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route

from portal.web.assets import FOLDER, script_inventory
from tests.browser.site import Site
from tests.requirements import requirement
from tests.servers.browser import Findings

FRAGMENT = f"#{'a' * 20}.{'b' * 50}"
PAGE_OF = {"js/behaviours/link.js": f"/v{FRAGMENT}"}

INIT, VENDOR, LINK = "js/init.js", "vendor/govuk-frontend-6.6.0/govuk-frontend.js", "js/behaviours/link.js"
# What each script has done to its page once it ran, as the page itself can tell.
DID: dict[str, str] = {
    INIT: "document.body.classList.contains('govuk-frontend-supported') && "
    "document.querySelector('.govuk-button').hasAttribute('data-govuk-button-init')",
    VENDOR: "typeof window.GOVUKFrontend.initAll === 'function'",
    LINK: "document.forms[0].elements.token.value.length === 50 && location.hash === ''",
}
# Proved where their pages are: tests/enrolment, tests/reset and tests/console.
WITHIN_A_VISIT = {f"js/behaviours/{name}.js" for name in ("copy", "keys", "length", "passkey")}
SINKS = [
    "document.body.innerHTML = '<b>x</b>'",
    "document.body.outerHTML = '<b>x</b>'",
    "document.body.insertAdjacentHTML('beforeend', '<b>x</b>')",
    "document.write('<b>x</b>')",
    "document.createElement('iframe').srcdoc = '<b>x</b>'",
    "document.createElement('script').text = 'window.ran = 1'",
    "document.createElement('script').src = '/static/x.js'",
    "trustedTypes.createPolicy('default', { createHTML: (text) => text })",
]


def did(page: Page, script: str) -> bool:
    """Whether a script did its work."""
    return bool(page.evaluate(f"() => {{ try {{ return Boolean({DID[script]}) }} catch {{ return false }} }}"))


@requirement("WEB-04")
def test_the_inventory_and_this_list_name_the_same_scripts() -> None:
    assert set(DID) | WITHIN_A_VISIT == set(script_inventory(FOLDER))


@requirement("WEB-04")
@pytest.mark.parametrize("script", DID)
def test_each_script_does_what_it_is_for(site: Site, page: Page, script: str) -> None:
    page.goto(site.at(PAGE_OF.get(script, "/")))
    assert did(page, script)


@requirement("WEB-04")
@pytest.mark.parametrize("script", DID)
def test_a_script_with_one_more_byte_does_not_run(site: Site, page: Page, findings: Findings, script: str) -> None:
    def change(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=answer.body() + b"\n")

    page.route(f"**/{script}", change)
    page.goto(site.at(PAGE_OF.get(script, "/")))
    assert not did(page, script)
    assert any("integrity" in fault for fault in findings.faults)
    findings.faults.clear()


@requirement("WEB-04")
def test_a_script_without_its_digest_does_not_run(site: Site, page: Page, findings: Findings) -> None:
    page.route(site.at("/"), rewriting(lambda html: re.sub(r'(<script [^>]*) integrity="[^"]*"', r"\1", html)))
    page.goto(site.at("/"))
    assert page.locator("script[integrity]").count() == 0
    assert not did(page, INIT)
    assert not did(page, VENDOR)
    findings.faults.clear()


@requirement("WEB-03")
@pytest.mark.parametrize("sink", SINKS)
def test_script_cannot_write_markup(site: Site, page: Page, findings: Findings, sink: str) -> None:
    page.goto(site.at("/"))
    thrown = page.evaluate(f"() => {{ try {{ {sink}; return '' }} catch (error) {{ return error.name }} }}")
    assert thrown == "TypeError"
    assert page.evaluate("window.ran") is None
    findings.faults.clear()


@requirement("WEB-02")
def test_script_that_somebody_smuggles_into_a_page_does_not_run(site: Site, page: Page, findings: Findings) -> None:
    smuggled = "<script>window.ran = 1</script><img src=x onerror='window.ran = 2'><h2 style='color: red'>x</h2></main>"
    page.route(site.at("/"), rewriting(lambda html: html.replace("</main>", smuggled)))
    page.goto(site.at("/"))
    assert page.locator("main script").count() == 1
    assert page.evaluate("window.ran") is None
    assert page.evaluate("getComputedStyle(document.querySelector('h2[style]')).color") != "rgb(255, 0, 0)"
    findings.faults.clear()


def rewriting(change: Callable[[str], str]) -> Callable[[Route], None]:
    """Hand the page over with other words, but with the headers that we sent."""

    def rewrite(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, body=change(answer.text()))

    return rewrite
