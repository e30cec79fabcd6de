"""What a first visit costs over the wire, and what a page costs on paper."""

import re

import pytest
from playwright.sync_api import Page

from tests.browser import walks
from tests.browser.site import Site
from tests.cast import BO, EMRE, Person

KILOBYTES = 1024
SHEET = re.compile(rb"/Type\s*/Page\b(?!s)")


def sheets(page: Page) -> int:
    """How many sheets of paper the page takes."""
    return len(SHEET.findall(page.pdf(format="A4")))


@pytest.mark.parametrize("path", ["/", "/v"])
def test_a_first_visit_costs_little(site: Site, page: Page, path: str) -> None:
    wire: list[float] = []
    listener = page.context.new_cdp_session(page)
    listener.send("Network.enable")
    listener.on("Network.loadingFinished", lambda event: wire.append(event["encodedDataLength"]))
    page.goto(site.at(path), wait_until="networkidle")
    assert len(wire) <= 10
    assert sum(wire) <= 50 * KILOBYTES


@pytest.mark.parametrize("person", [EMRE, BO], ids=lambda person: person.name)
def test_an_answer_prints_on_one_sheet(site: Site, page: Page, person: Person) -> None:
    walks.arrive(page, site, person)
    assert sheets(page) == 1
