"""A real Chromium, cut off from the world, whose every page is inspected."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

from tests import inspection

# The first draws the same pages without a window to draw them in, which is half of the work.
PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
# Nothing but this machine is reached, and nothing is done that no test asked for.
SWITCHES = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
    "--no-pings",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
)


# Hands over each document as it was sent: after it was read, before any script of its own ran.
HAND_OVER = """
document.addEventListener("readystatechange", () => {
  if (document.readyState === "interactive") window.inspected(location.pathname, document.documentElement.outerHTML);
});
"""
# A refused page is an answer like any other; the test looks at it itself.
REFUSED = "Failed to load resource: the server responded with a status of"


@dataclass
class Findings:
    """What went wrong on the pages of one test."""

    faults: list[str] = field(default_factory=list)

    def watch(self, context: BrowserContext) -> None:
        """Inspect each document of this browser, and listen to what its console says."""
        context.expose_function("inspected", self._inspect)
        context.add_init_script(HAND_OVER)
        context.on("console", self._listen)
        context.on("weberror", lambda fault: self.faults.append(str(fault.error)))
        context.on("requestfailed", self._note_failure)

    def _inspect(self, path: str, html: str) -> None:
        self.faults += inspection.faults(html, path)

    def _note_failure(self, request: Request) -> None:
        # Whoever goes elsewhere while a page comes stops it; that is no fault.
        if request.is_navigation_request() and request.failure != "net::ERR_ABORTED":
            self.faults.append(f"{request.method} {urlsplit(request.url).path}: {request.failure}")

    def _listen(self, said: ConsoleMessage) -> None:
        if said.type == "error" and not said.text.startswith(REFUSED):
            self.faults.append(f"console: {said.text}")


NewContext = Callable[..., BrowserContext]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser; where it is missing, CI fails and others skip."""
    program = next((path for path in map(shutil.which, PROGRAMS) if path), None)
    if program is None:
        assert os.environ.get("CI") != "true", "no Chromium: `make test` installs it"
        pytest.skip("no Chromium on this machine: sudo apt-get install chromium-headless-shell")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(SWITCHES))
        yield browser
        browser.close()


@pytest.fixture
def findings() -> Iterator[Findings]:
    """What the inspection finds; a test that wants a fault empties the list."""
    found = Findings()
    yield found
    assert found.faults == []


@pytest.fixture
def new_context(chromium: Browser, findings: Findings) -> Iterator[NewContext]:
    """A maker of browsers of their own, each with its own cookies."""
    contexts: list[BrowserContext] = []

    def make(**options: object) -> BrowserContext:
        context = chromium.new_context(**options)  # type: ignore[arg-type]
        context.set_default_timeout(10_000)
        findings.watch(context)
        contexts.append(context)
        return context

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def page(new_context: NewContext) -> Page:
    """One page in a fresh browser."""
    return new_context().new_page()
