"""The whole journey in a browser: with script and without, by the keyboard, on a narrow phone, in both languages."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.hands import Keyboard, Pointer
from tests.browser.journey import FIRST, SECOND, WHOLE, Journey
from tests.browser.site import Site
from tests.browser.test_access import DESKTOP, LOOKS, PHONE, is_wider_than_the_screen, violations
from tests.browser.test_weight import sheets
from tests.requirements import requirement
from tests.servers.browser import NewContext


@requirement("USE-01")
@pytest.mark.parametrize(("language", "size", "looks"), [("en", DESKTOP, [*LOOKS]), ("nl", PHONE, ["light", "phone"])])
def test_every_page_of_the_journey_is_open_to_everybody(
    site: Site, new_context: NewContext, language: str, size: ViewportSize, looks: list[str]
) -> None:
    page = new_context(locale=language, viewport=size).new_page()
    faults: list[str] = []
    walked = []
    for stop in Journey(page, site, Pointer(), language).walk():
        walked.append(stop)
        page.evaluate(Axe().axe_script)
        for name in looks:
            media, shown_at, rules = LOOKS[name]
            page.emulate_media(**media)
            page.set_viewport_size(shown_at)
            faults += [f"{stop}, {name}: {fault}" for fault in violations(page, rules)]
        page.set_viewport_size(PHONE)
        faults += [f"{stop} scrolls sideways"] if is_wider_than_the_screen(page) else []
        page.set_viewport_size(size)
    assert faults == []
    assert tuple(walked) == WHOLE


@requirement("USE-02")
@requirement("WEB-12")
@requirement("LNK-27")
@requirement("USE-07")
def test_the_journey_is_walked_without_script_in_dutch(site: Site, new_context: NewContext) -> None:
    page = new_context(java_script_enabled=False, locale="nl").new_page()
    journey = Journey(page, site, Pointer(), "nl", by_pasting=True)
    for stop in journey.walk():
        if stop == "/code, card":
            expect(page.get_by_role("button", name=journey.say("Copy the code"))).to_be_hidden()
            assert sheets(page) == 1


@requirement("USE-02")
def test_the_journey_is_walked_by_the_keyboard_alone_in_dutch(site: Site, new_context: NewContext) -> None:
    page = new_context(locale="nl").new_page()
    assert tuple(Journey(page, site, Keyboard(page), "nl").walk()) == WHOLE


@requirement("PWD-05")
def test_the_browser_misses_nothing_in_the_form_and_the_address_is_not_sent(site: Site, page: Page) -> None:
    said: list[str] = []
    sent: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: sent.append(f"{request.url} {request.post_data or ''}"))
    address = ""
    for stop in Journey(page, site, Pointer()).walk():
        if stop == "/password":
            address = page.locator("#username").input_value()
            assert address not in page.title()
            sent.clear()
    assert [text for text in said if "[DOM]" in text] == []
    assert address
    assert any(FIRST.replace(" ", "+") in text or SECOND.replace(" ", "+") in text for text in sent)
    assert [text for text in sent if "mail.example" in text] == []
