"""An example of the company's log-in, which asks the gate after a correct password only: asked before it, the
log-in's own answer would tell anybody who types a name whether that account must reset, and so who was affected."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

import requests

from portal.gate.example_cohort import must_reset


@dataclass
class Login:
    """The log-in: the gate's address and key, and the last good cohort file for when the gate is away."""

    gate: str
    key: str
    cohort: tuple[dict[str, Any], bytes]
    cohort_key: str
    is_right: Callable[[str, str], bool]
    changed_at: Callable[[str], datetime]

    def log_in(self, reference: str, password: str) -> str:
        """What to say to whoever wants to log in."""
        if not self.is_right(reference, password):
            return "Wrong name or password."
        try:
            headers = {"Authorization": f"Bearer {self.key}"}
            answer = requests.get(f"{self.gate}/accounts/{quote(reference, '')}", headers=headers, timeout=2)
            answer.raise_for_status()
            show = answer.json()["show"]
        except requests.RequestException:
            head, accounts = self.cohort
            listed = must_reset(accounts, self.cohort_key, reference, self.changed_at(reference))
            show = head["show"]["en"] if listed else None
        return f"{show['text']} {show['address']}" if show else "Welcome."
