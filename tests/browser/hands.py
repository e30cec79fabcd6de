"""Hands: what a person uses a page with; a pointer, or the keyboard alone with the place of the focus in sight."""

from dataclasses import dataclass
from typing import Protocol

from playwright.sync_api import Locator, Page

FARTHEST = 40
# How an element looks that matters for seeing where one is: outline, ring and ground.
LOOK = """element => { const look = getComputedStyle(element);
  return [look.outlineStyle, look.outlineWidth, look.boxShadow, look.backgroundColor, look.borderColor].join() }"""


class Hand(Protocol):
    """Types into fields and presses buttons and links."""

    def type(self, field: Locator, text: str) -> None:
        """Type a text into a field."""

    def press(self, target: Locator) -> None:
        """Press a button or a link."""


class Pointer:
    """A mouse or a finger."""

    def type(self, field: Locator, text: str) -> None:
        """Point at the field, and paste."""
        field.fill(text)

    def press(self, target: Locator) -> None:
        """Point at it and click."""
        target.click()


@dataclass
class Keyboard:
    """Tab to move, keys to type, Enter to press; nothing else."""

    page: Page

    def type(self, field: Locator, text: str) -> None:
        """Move to the field and type."""
        self.move_to(field)
        self.page.keyboard.type(text)

    def press(self, target: Locator) -> None:
        """Move to it and press Enter."""
        self.move_to(target)
        self.page.keyboard.press("Enter")

    def move_to(self, target: Locator) -> None:
        """Press Tab until the target has the focus, and see that it shows."""
        before = target.evaluate(LOOK)
        for _ in range(FARTHEST):
            self.page.keyboard.press("Tab")
            if target.evaluate("element => element === document.activeElement"):
                assert target.evaluate(LOOK) != before, "nothing shows where the focus is"
                return
        raise AssertionError(f"{target} cannot be reached by the keyboard")
