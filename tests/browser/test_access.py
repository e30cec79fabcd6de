"""Everybody can use every page: in light, dark and set colours, on a narrow phone, and enlarged four times."""

from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Request, ViewportSize

from tests.browser.site import Site
from tests.browser.tour import stops
from tests.requirements import requirement

DESKTOP: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 320, "height": 568}
ENLARGED: ViewportSize = {"width": 320, "height": 256}  # what 400 % leaves of 1280 × 1024 (WCAG 2.2, 1.4.10)

# All that WCAG 2.2 AA asks and a machine can see, and what good practice adds to it.
ALL: dict[str, Any] = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
# What depends on colours; the rest of a page stays as it is when they change.
COLOURS = {**ALL, "runOnly": ["color-contrast", "link-in-text-block"]}
LOOKS: dict[str, tuple[dict[str, Any], ViewportSize, dict[str, Any]]] = {
    "light": ({"color_scheme": "light", "forced_colors": "none"}, DESKTOP, ALL),
    "dark": ({"color_scheme": "dark", "forced_colors": "none"}, DESKTOP, COLOURS),
    "colours of the system": ({"color_scheme": "dark", "forced_colors": "active"}, DESKTOP, COLOURS),
    "phone": ({"color_scheme": "light", "forced_colors": "none"}, PHONE, ALL),
}
COUNT = "selector => document.querySelectorAll(selector).length"
UNPINNED = "script:not([integrity][crossorigin=anonymous]), link[rel=stylesheet]:not([integrity])"
OTHER_LOADERS = "iframe, object, embed, base, link[rel~=preload], link[rel~=preconnect]"
SIDEWAYS = "document.scrollingElement.scrollWidth > document.scrollingElement.clientWidth"


def violations(page: Page, rules: dict[str, Any]) -> list[str]:
    """What axe finds wrong on the page as it is shown now."""
    page.wait_for_load_state()
    found = page.evaluate("rules => axe.run(rules)", rules)["violations"]
    return [f"{one['id']}: {node['html'][:120]}" for one in found for node in one["nodes"]]


def is_wider_than_the_screen(page: Page) -> bool:
    """Whether one must scroll sideways."""
    page.wait_for_load_state()  # a press of a button waits for the next page's beginning only
    return bool(page.evaluate(SIDEWAYS))


@requirement("WEB-01")
def test_every_page_is_open_to_everybody_scrolls_downwards_only_and_asks_nobody_but_us(site: Site, page: Page) -> None:
    asked: list[Request] = []
    faults: list[str] = []
    page.context.on("request", lambda request: asked.append(request))
    for stop in stops(page, site):
        faults += [f"{stop} loads unpinned parts"] if page.evaluate(COUNT, f"{UNPINNED}, {OTHER_LOADERS}") else []
        for size in (ENLARGED, PHONE):
            page.set_viewport_size(size)
            faults += [f"{stop} at {size}"] if is_wider_than_the_screen(page) else []
        page.evaluate(Axe().axe_script)
        for name, (media, size, rules) in LOOKS.items():
            page.emulate_media(**media)
            page.set_viewport_size(size)
            faults += [f"{stop}, {name}: {fault}" for fault in violations(page, rules)]
    assert faults == []
    ours = urlsplit(site.at("/"))
    assert {urlsplit(request.url)[:2] for request in asked} == {(ours.scheme, ours.netloc)}
    assert {request.resource_type for request in asked} <= {"document", "script", "stylesheet", "image", "other"}
