"""The SMTP postbox: one kept connection to the relay; every answer has a time limit."""

import re
import smtplib
import ssl
import time
from dataclasses import dataclass
from smtplib import quoteaddr

from portal.config import Settings
from portal.mail.postboxes.errors import Refused, Unavailable, Uncertain
from portal.mail.postboxes.talk import Talk, finished

# Errors of the connection: before the letter itself is on its way, nothing was accepted and no letter is to blame.
LINE_ERRORS = (OSError, smtplib.SMTPException)
TAKEN = (250, 251)
WANTED = {"DATA": (354,)}
A_MOMENT = 0.01  # for an answer that is there already
# Closing (RFC 5321, section 3.8), or asking for a log-in or encryption (RFC 4954, RFC 3207): ours to mend.
NOT_THE_LETTERS_FAULT = (421, 530)
ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
# RFC 3463: what is wrong with the recipient's address, or its mailbox is closed; not what a relay has against us.
NO_SUCH_MAILBOX = re.compile(r"5\.(?:1\.(?:[0-6]|10)|2\.1)")
PLAIN_NO_SUCH_MAILBOX = (550, 551, 553)
# A connection that took longer waits for the next try, or the worker's claim on the letter might end before DATA does.
ANSWERS_BEFORE_OFFER = 4


@dataclass
class SmtpPostbox:
    """Delivers to the relay that the settings name."""

    settings: Settings
    line: smtplib.SMTP | None = None
    waited: float = 0

    def deliver(self, letter: bytes, *, sender: str, to: str) -> str:
        """Hand one letter over, and wait for the answer."""
        return finished(self.talk(letter, sender=sender, to=to))

    def talk(self, letter: bytes, *, sender: str, to: str) -> Talk:
        """Offer the letter; a kept connection that went stale is opened anew once."""
        self.waited = yield
        began, kept = time.monotonic(), self.line is not None
        try:
            return (yield from self._offer(letter, sender, to, began))
        except Unavailable:
            if not kept:
                raise
        return (yield from self._offer(letter, sender, to, began))

    def greet(self) -> str:
        """Connect, encrypt and log in as for a letter, and hang up; returns how it was encrypted, or an empty text."""
        line = self._connected()
        encrypted = line.sock.version() if isinstance(line.sock, ssl.SSLSocket) else None
        self._hang_up()
        return encrypted or ""

    def _offer(self, letter: bytes, sender: str, to: str, began: float) -> Talk:
        line = self._connected()
        if time.monotonic() - began > ANSWERS_BEFORE_OFFER * self.settings.smtp_timeout:
            raise Unavailable("slow")
        options = _options(line, letter, to)
        words = [" ".join((f"MAIL FROM:{quoteaddr(sender)}", *options)), f"RCPT TO:{quoteaddr(to)}", "DATA"]
        if any(len(word.splitlines()) != 1 for word in words):
            raise Refused("an address would be a command", permanent=True)
        try:
            # All in one go, if it may be (RFC 2920): over a long line most of the time is waiting for answers.
            for said in [words] if line.has_extn("pipelining") else [[word] for word in words]:
                line.send("".join(f"{word}\r\n" for word in said).encode())
                self.waited = yield
                for word in said:
                    self._expect(self._answer(line), *WANTED.get(word, TAKEN), mailbox=word.startswith("RCPT"))
        except LINE_ERRORS as error:
            self._hang_up()
            raise Unavailable(type(error).__name__) from None
        return (yield from self._hand_over(line, letter))

    def _hand_over(self, line: smtplib.SMTP, letter: bytes) -> Talk:
        try:
            line.send(_stuffed(letter))
            self.waited = yield
            code, said = self._answer(line)
        except LINE_ERRORS as error:
            self._hang_up()
            raise Uncertain(type(error).__name__) from None
        if code < 400 and code not in TAKEN:
            self._hang_up()
            raise Uncertain(str(code))
        self._expect((code, said), *TAKEN)
        return _told(code, said)

    def _answer(self, line: smtplib.SMTP) -> tuple[int, bytes]:
        if line.sock:
            line.sock.settimeout(self._patience)
        return line.getreply()

    def _expect(self, answer: tuple[int, bytes], *wanted: int, mailbox: bool = False) -> None:
        code, said = answer
        if code in wanted:
            return
        self._hang_up()  # the next letter starts on a clean line
        if code < 400 or code in NOT_THE_LETTERS_FAULT:
            raise Unavailable(str(code))
        raise Refused(_told(code, said), permanent=code >= 500, bounced=mailbox and _is_bounce(code, said))

    def _connected(self) -> smtplib.SMTP:
        if self.line is None:
            try:
                self.line = self._connect()
            except LINE_ERRORS as error:
                raise Unavailable(type(error).__name__) from None
        return self.line

    def _connect(self) -> smtplib.SMTP:
        settings, context = self.settings, ssl.create_default_context()
        place = (settings.smtp_host or "", settings.smtp_port)
        if settings.smtp_security == "tls":
            line: smtplib.SMTP = smtplib.SMTP_SSL(*place, timeout=self._patience, context=context)
        else:
            line = smtplib.SMTP(*place, timeout=self._patience)
        try:
            self._introduce(line, context)
        except LINE_ERRORS:
            line.close()
            raise
        return line

    def _introduce(self, line: smtplib.SMTP, context: ssl.SSLContext) -> None:
        settings = self.settings
        if settings.smtp_security == "starttls":
            line.starttls(context=context)
        line.ehlo_or_helo_if_needed()
        if settings.smtp_user and settings.smtp_password:
            line.login(settings.smtp_user, settings.smtp_password.get_secret_value())

    @property
    def _patience(self) -> float:
        return max(self.settings.smtp_timeout - self.waited, A_MOMENT)

    def _hang_up(self) -> None:
        if self.line is not None:
            self.line.close()
            self.line = None


def _options(line: smtplib.SMTP, letter: bytes, to: str) -> list[str]:
    """What the relay must know of the letter (RFC 6152, RFC 6531); raises Refused where it cannot do that."""
    if not to.isascii():
        if not line.has_extn("smtputf8"):
            raise Refused("the relay cannot write to this kind of address", permanent=True)
        return ["SMTPUTF8", "BODY=8BITMIME"]
    return ["BODY=8BITMIME"] if not letter.isascii() and line.has_extn("8bitmime") else []


def _stuffed(letter: bytes) -> bytes:
    """As it travels (RFC 5321, section 4.5.2): dots doubled at the start of a line, one alone at the end."""
    ended = letter if letter.endswith(b"\r\n") else letter + b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", ended) + b".\r\n"


def _is_bounce(code: int, said: bytes) -> bool:
    """Whether the mailbox does not exist, rather than the relay refusing to serve us."""
    reason = _reason(said)
    return bool(NO_SUCH_MAILBOX.fullmatch(reason)) if reason else code in PLAIN_NO_SUCH_MAILBOX


def _told(code: int, said: bytes) -> str:
    """The numbers of an answer only: its words may repeat the address."""
    return f"{code} {_reason(said)}".rstrip()


def _reason(said: bytes) -> str:
    found = ENHANCED.match(said.decode("ascii", "replace"))
    return found.group() if found else ""
