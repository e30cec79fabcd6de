"""The company's own sign-in: a real OpenID Connect provider in a process of its own, which says what it is told to."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest
import requests

from tests.servers.ports import free_port
from tests.servers.waiting import until

CLIENT = {"oidc_client_id": "console", "oidc_client_secret": "the company's canary"}


@dataclass
class Company:
    """The company's sign-in, and the people it knows."""

    origin: str

    @property
    def settings(self) -> dict[str, str]:
        """What the portal must be told of it."""
        return {"oidc_issuer": self.origin, **CLIENT}

    def employ(self, name: str, **claims: Any) -> str:
        """Let it say this of somebody; returns the account's name, which is new each time it is not said."""
        usual = {"email": f"{name}@stagelight.example", "email_verified": True, "amr": ["pwd", "mfa"]}
        account = claims.pop("account", f"account of {name}")
        told = {claim: value for claim, value in {**usual, **claims}.items() if value is not None}
        answer = _line().put(f"{self.origin}/users/{quote(account)}", json=told, timeout=10)
        assert answer.status_code == 204, answer.text
        return str(account)

    def agree(self, address: str, account: str) -> str:
        """Sign in there, as the account at whose browser the page is open; returns where the browser is sent."""
        return self._answer(address, {"sub": account})

    def deny(self, address: str) -> str:
        """Do not sign in there."""
        return self._answer(address, {"action": "deny"})

    def _answer(self, address: str, fields: dict[str, str]) -> str:
        answer = _line().post(address, data=fields, allow_redirects=False, timeout=10)
        assert answer.status_code == 302, answer.text
        return str(answer.headers["Location"])

    def is_up(self) -> bool:
        """Whether it answers."""
        try:
            return _line().get(f"{self.origin}/jwks", timeout=2).ok
        except requests.RequestException:
            return False


def questions(address: str) -> dict[str, str]:
    """What an address asks for."""
    return dict(parse_qsl(urlsplit(address).query))


def _line() -> requests.Session:
    line = requests.Session()
    line.trust_env = False  # a machine's proxies are none of a test's business
    return line


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """The company's sign-in, once for all tests of this process; each employs its people anew."""
    port = free_port()
    log: Path = tmp_path_factory.mktemp("company") / "log"
    with log.open("w") as out:
        command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port)]
        process = subprocess.Popen(command, stdout=out, stderr=out)
        held = Company(f"http://127.0.0.1:{port}")
        try:
            until(held.is_up, f"the company's sign-in, which says {log}")
            yield held
        finally:
            process.terminate()
            process.wait(10)
