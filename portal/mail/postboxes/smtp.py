"""The SMTP postbox: one kept connection to the relay; every answer has a time limit."""

import re
import smtplib
import ssl
from dataclasses import dataclass

from portal.config import Settings
from portal.mail.postboxes.errors import Refused, Unavailable, Uncertain

# Errors in which nothing was accepted yet: the connection, not the letter, is at fault.
LINE_ERRORS = (OSError, smtplib.SMTPException)
ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")


@dataclass
class SmtpPostbox:
    """Delivers to the relay that the settings name."""

    settings: Settings
    line: smtplib.SMTP | None = None

    def deliver(self, letter: bytes, *, sender: str, to: str) -> str:
        """Offer the letter; a kept connection that went stale is opened anew once."""
        stale = self.line is not None
        try:
            return self._offer(letter, sender, to)
        except Unavailable:
            if not stale:
                raise
        return self._offer(letter, sender, to)

    def _offer(self, letter: bytes, sender: str, to: str) -> str:
        line = self._connected()
        try:
            self._address(line, sender, to)
        except LINE_ERRORS as error:
            self._hang_up()
            raise Unavailable(type(error).__name__) from None
        return self._hand_over(line, letter)

    def _address(self, line: smtplib.SMTP, sender: str, to: str) -> None:
        options = []
        if not to.isascii():
            if not line.has_extn("smtputf8"):
                raise Refused("the relay cannot write to this kind of address", permanent=True)
            options = ["SMTPUTF8", "BODY=8BITMIME"]
        self._expect(line.mail(sender, options))
        self._expect(line.rcpt(to), mailbox=True)

    def _hand_over(self, line: smtplib.SMTP, letter: bytes) -> str:
        try:
            code, said = line.data(letter)
        except smtplib.SMTPDataError as error:
            code, said = error.smtp_code, bytes(str(error.smtp_error), "utf-8", "replace")
        except LINE_ERRORS as error:
            self._hang_up()
            raise Uncertain(type(error).__name__) from None
        self._expect((code, said))
        return _told(code, said)

    def _expect(self, answer: tuple[int, bytes], *, mailbox: bool = False) -> None:
        code, said = answer
        if code in (250, 251):
            return
        self._hang_up()  # the next letter starts on a clean line
        if code == 421 or code < 400:  # RFC 5321, section 3.8: the service is closing
            raise Unavailable(str(code))
        raise Refused(_told(code, said), permanent=code >= 500, bounced=mailbox and code >= 500)

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
            line: smtplib.SMTP = smtplib.SMTP_SSL(*place, timeout=settings.smtp_timeout, context=context)
        else:
            line = smtplib.SMTP(*place, timeout=settings.smtp_timeout)
        if settings.smtp_security == "starttls":
            line.starttls(context=context)
        line.ehlo_or_helo_if_needed()
        if settings.smtp_user and settings.smtp_password:
            line.login(settings.smtp_user, settings.smtp_password.get_secret_value())
        return line

    def _hang_up(self) -> None:
        if self.line is not None:
            self.line.close()
            self.line = None


def _told(code: int, said: bytes) -> str:
    """The numbers of an answer only: its words may repeat the address."""
    found = ENHANCED.search(said.decode("ascii", "replace"))
    return f"{code} {found.group()}" if found else str(code)
