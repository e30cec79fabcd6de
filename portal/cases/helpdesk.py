"""The help desk: the one address outside to which steps of cases are posted, signed as Standard Webhooks says."""

import base64
import hmac
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Protocol

import requests

from portal.punctual import Punctual
from portal.spelling import HOOK_PREFIX

# For all of it, however it trickles in: the letters stand behind this in the worker's round.
PATIENCE_SECONDS = 8.0


class NotHeard(Exception):
    """The help desk is away, or did not say that it took what was posted; tells which, and never what."""


class Helpdesk(Protocol):
    """Whoever listens."""

    def tell(self, number: str, body: bytes, *, now: datetime) -> None:
        """Post a message of this number, once or again; raises NotHeard."""


@dataclass(frozen=True)
class Hook:
    """A listener at one address, and the secret that both sides know."""

    url: str
    secret: str
    patience: float = PATIENCE_SECONDS

    def tell(self, number: str, body: bytes, *, now: datetime) -> None:
        """Post it to that address alone: no redirect is followed, and no proxy of the machine's is asked."""
        with requests.Session() as line:
            line.trust_env = False
            for scheme in ("http://", "https://"):
                line.mount(scheme, Punctual(monotonic() + self.patience))
            try:
                answer = line.post(
                    self.url,
                    data=body,
                    headers=self._headers(number, body, now),
                    allow_redirects=False,
                    stream=True,  # what it says besides is not read
                )
            except requests.RequestException as error:
                raise NotHeard(type(error).__name__) from None
            with answer:
                if not 200 <= answer.status_code < 300:
                    raise NotHeard(str(answer.status_code))

    def _headers(self, number: str, body: bytes, now: datetime) -> dict[str, str]:
        moment = str(int(now.timestamp()))
        signed = hmac.digest(key_of(self.secret), f"{number}.{moment}.".encode() + body, "sha256")
        said = {"webhook-id": number, "webhook-timestamp": moment}
        said |= {"webhook-signature": f"v1,{base64.b64encode(signed).decode()}"}
        return said | {"Content-Type": "application/json", "User-Agent": "portal"}


def key_of(secret: str) -> bytes:
    """The key that a secret such as `whsec_…` spells."""
    return base64.b64decode(secret.removeprefix(HOOK_PREFIX))
