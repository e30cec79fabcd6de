"""`flask dev walk`: a customer's way through a running portal, over HTTP, with the letters of its file postbox."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from secrets import token_hex
from typing import TypeVar

import click
import requests

from portal.extensions import ground

LINK = re.compile(r"/v(?:\?lang=\w+)?#([0-9a-z]{20})\.([0-9a-z]{50})")
CODE = re.compile(r"^\s+([0-9A-Z]{4}-[0-9A-Z]{4})\s*$", re.MULTILINE)
ACCOUNT = re.compile(r'name="account" value="([^"]+)"')
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
PUBLIC = ("/", "/faq", "/updates", "/real-messages", "/help", "/sent", "/v", "/revoke", "/leave")
OURS = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
PATIENCE_SECONDS = 20
MOST_ACCOUNTS = 5  # as many passwords as a visit may try in ten minutes
T = TypeVar("T")


@dataclass
class Walker:
    """One customer with one browser and one mailbox."""

    base: str
    letters: Path
    address: str
    browser: requests.Session = field(default_factory=requests.Session)

    def see(self, path: str, *words: str, status: int = 200) -> str:
        """Open a page and expect it to say these words."""
        return self._judge(path, self.browser.get(self.base + path, headers=OURS, timeout=10), status, words)

    def send(self, path: str, fields: dict[str, str], leads_to: str) -> None:
        """Send a form and expect to be led on."""
        got = self.browser.post(self.base + path, data=fields, headers=OURS, timeout=10, allow_redirects=False)
        self._judge(path, got, 303, ())
        if got.headers.get("Location") != leads_to:
            raise click.ClickException(f"POST {path} led to {got.headers.get('Location')} instead of {leads_to}.")

    def press(self, path: str, fields: dict[str, str]) -> str:
        """Send a form and expect its answer on the spot."""
        got = self.browser.post(self.base + path, data=fields, headers=OURS, timeout=10, allow_redirects=False)
        return self._judge(path, got, 200, ())

    def led_from(self, path: str) -> str:
        """Where a page leads on to."""
        got = self.browser.get(self.base + path, headers=OURS, timeout=10, allow_redirects=False)
        self._judge(path, got, 303, ())
        return got.headers.get("Location", "")

    def letter(self, since: set[Path]) -> EmailMessage:
        """Wait for a new letter to this address."""
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            for path in sorted(set(self.letters.glob("*.eml")) - since):
                found = message_from_bytes(path.read_bytes(), policy=policy.default)
                if found["to"] == self.address:
                    return found
            time.sleep(0.05)
        why = "Does the worker run? One mailbox gets one letter a minute and four an hour."
        raise click.ClickException(f"No letter came within {PATIENCE_SECONDS} seconds. {why}")

    @staticmethod
    def _judge(path: str, got: requests.Response, status: int, words: tuple[str, ...]) -> str:
        if got.status_code != status:
            raise click.ClickException(f"{path} answered {got.status_code} instead of {status}.")
        if missing := [word for word in words if word not in got.text]:
            raise click.ClickException(f"{path} does not say “{missing[0]}”.")
        return got.text


@click.command("walk")
@click.option("--base-url", required=True, help="Where the portal runs, such as http://127.0.0.1:8000.")
@click.option("--address", default="amara@mail.example", show_default=True, help="Whose journey it is.")
def walk(base_url: str, address: str) -> None:
    """Walk a customer through every page of a running portal."""
    settings = ground().settings
    walker = Walker(base_url.rstrip("/"), settings.within(settings.letters), address)
    began = time.monotonic()
    for path in PUBLIC:
        _step(f"open {path}", lambda path=path: walker.see(path))  # type: ignore[misc]
    known = set(walker.letters.glob("*.eml"))
    _step("ask for a letter", lambda: walker.send("/start", {"email": address}, "/sent"))
    plain = _step("receive the letter", lambda: _plain(walker.letter(known)))
    public_id, token, code = _secrets(plain)
    _step("open the link", lambda: walker.see("/v"))
    proof = {"public_id": public_id, "token": token, "code": code}
    _step("prove the address", lambda: walker.send("/v", proof, "/status"))
    _step("read the answer", lambda: walker.see("/status", "as of revision"))
    _set_passwords(walker)
    _take_code(walker)
    page = _step("be done", lambda: walker.see("/done", "You are done"))
    _step("leave", lambda: walker.send("/leave", {"csrf_token": _found(TOKEN, page)}, "/leave"))
    _step("be outside again", lambda: walker.see("/leave", "Your visit has ended"))
    click.echo(f"The walk ended well, in {time.monotonic() - began:.1f} seconds.")


def _take_code(walker: Walker) -> None:
    """The code that the person was given, or a place in line; nothing where there is no offer."""
    page = _step("open /code", lambda: walker.see("/code"))
    if 'action="/code' in page:
        fields = {"csrf_token": _found(TOKEN, page)}
        _step("see the code", lambda: walker.press("/code", fields))


def _set_passwords(walker: Walker) -> None:
    """A fresh one for each account that owes one, and one in any case, so that the way can be walked again."""
    for number in range(1, MOST_ACCOUNTS + 1):
        page = _step("open /password", lambda: walker.see("/password"))
        fields = {name: _found(pattern, page) for name, pattern in (("csrf_token", TOKEN), ("account", ACCOUNT))}
        fields["password"] = f"walked home {token_hex(8)}"
        _step(f"set a password ({number})", lambda fields=fields: walker.send("/password", fields, "/next"))  # type: ignore[misc]
        if _step("go on", lambda: walker.led_from("/next")) != "/password":
            return
    raise click.ClickException("There was no end of passwords to set.")


def _step(name: str, act: Callable[[], T]) -> T:
    began = time.monotonic()
    try:
        result = act()
    except requests.RequestException as error:
        raise click.ClickException(f"Could not {name}: {type(error).__name__}. Does the portal run there?") from None
    click.echo(f"{name:<24}{(time.monotonic() - began) * 1000:7.0f} ms")
    return result


def _plain(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    return str(body.get_content()) if body else ""


def _secrets(plain: str) -> tuple[str, str, str]:
    link = LINK.search(plain)
    if link is None:
        raise click.ClickException("The letter holds no link.")
    return link[1], link[2], _found(CODE, plain)


def _found(pattern: re.Pattern[str], text: str) -> str:
    found = pattern.search(text)
    if found is None:
        raise click.ClickException("Something that should be there is missing from a page or letter.")
    return found[1]
