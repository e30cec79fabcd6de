"""The journey of somebody who must reset two accounts and may have a code, from the question to the end."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, expect

from portal.languages import translations
from tests.browser.hands import Hand
from tests.browser.site import Site
from tests.cast import AMARA

# The pages in their order; the second account's new password first meets a refusal.
PAGES = ("/", "/sent", "/v", "/status", "/password", "/password", "/password, refused", "/code", "/code, card", "/done")
WHOLE = (*PAGES, "/leave")
SHORT, FIRST, SECOND = "too short", "quiet tin boats drift north", "seven lamps under wet snow"


@dataclass
class Journey:
    """One walk: at this page, with this hand, in this language."""

    page: Page
    site: Site
    hand: Hand
    language: str = "en"
    by_pasting: bool = False  # without script the letter's link is pasted

    def walk(self) -> Iterator[str]:
        """Go from page to page; whoever comes along looks at `page` at each name."""
        address = self.site.someone_like(AMARA)
        yield from self._ask(address)
        yield from self._prove(address)
        yield from self._set_passwords(address)
        yield from self._take_code()
        yield self._arrived("/done")
        self.press("End my visit")
        yield self._arrived("/leave")
        expect(self.page.get_by_role("heading", name=self.say("Your visit has ended"))).to_be_visible()

    def say(self, words: str) -> str:
        """These words in the language of this walk."""
        return translations(self.language).gettext(words)

    def field(self, label: str) -> Locator:
        """The field with this label."""
        return self.page.get_by_label(self.say(label), exact=True)

    def press(self, button: str) -> None:
        """Press the button with these words."""
        self.hand.press(self.page.get_by_role("button", name=self.say(button), exact=True))

    def _ask(self, address: str) -> Iterator[str]:
        self.page.goto(self.site.at("/"))
        yield self._arrived("/")
        self.hand.type(self.field("Your email address"), address)
        self.press("Send me the letter")
        yield self._arrived("/sent")

    def _prove(self, address: str) -> Iterator[str]:
        letter = self.site.letter(address)
        assert letter.message["Content-Language"] == self.language
        self.page.goto(letter.link)
        if self.by_pasting:
            self.hand.type(self.field("Link from the letter"), letter.link)
        yield self._arrived("/v")
        self.press("Continue")
        yield self._arrived("/status")
        self.press("Go on")

    def _set_passwords(self, address: str) -> Iterator[str]:
        yield self._arrived("/password")
        assert self.page.locator("#username").input_value() == address
        self._set(FIRST)
        set_now = self.say("Your new password is set: %(names)s.").partition("%")[0]
        expect(self.page.get_by_text(set_now)).to_be_visible()
        yield self._arrived("/password")
        self._set(SHORT)
        expect(self.page.get_by_role("alert")).to_be_visible()
        assert self.field("New password").input_value() == ""
        yield f"{self._arrived('/password')}, refused"
        self._set(SECOND)

    def _set(self, password: str) -> None:
        self.hand.type(self.field("New password"), password)
        self.press("Set this password")

    def _take_code(self) -> Iterator[str]:
        yield self._arrived("/code")
        self.press("Show my code")
        expect(self.page.locator("#code")).to_be_visible()
        yield f"{self._arrived('/code')}, card"
        self.press("Go on")

    def _arrived(self, path: str) -> str:
        self.page.wait_for_url(lambda url: urlsplit(url).path == path)
        assert self.page.locator("html").get_attribute("lang") == self.language
        return path
