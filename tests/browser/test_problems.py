"""A problem is told where it is: the summary takes the focus, leads to the field, and what was typed stays."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser import walks
from tests.browser.site import Site
from tests.requirements import requirement

TYPED = "amara at mail.example"


@pytest.fixture
def problem(site: Site, page: Page) -> Page:
    """The page that follows an address which cannot be read."""
    page.goto(site.at("/"))
    page.get_by_label("Your email address").fill(TYPED)
    walks.press(page, "Send me the letter")
    return page


@requirement("USE-05")
def test_the_summary_takes_the_focus_and_says_what_to_do(problem: Page) -> None:
    expect(problem.locator(".govuk-error-summary")).to_be_focused()
    summary = problem.get_by_role("alert")
    expect(summary).to_contain_text("We cannot read this email address. Enter it like name@example.com")


@requirement("USE-05")
def test_the_summary_leads_to_the_field_which_keeps_what_was_typed(problem: Page) -> None:
    problem.get_by_role("alert").get_by_role("link").click()
    field = problem.get_by_label("Your email address")
    expect(field).to_be_focused()
    expect(field).to_have_value(TYPED)
    expect(field).to_have_accessible_description(re.compile("We cannot read this email address"))
    walks.press(problem, "Send me the letter")
    expect(problem.get_by_label("Your email address")).to_have_value(TYPED)
