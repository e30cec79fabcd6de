"""Lines to the relay: kept while they live, opened anew when stale, and never unencrypted by accident."""

import socket
import ssl
import threading
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from portal.mail import outbox
from portal.mail.postboxes import Refused, Unavailable, smtp
from portal.mail.postboxes.smtp import SmtpPostbox
from tests import cast
from tests.mail.conftest import AWAY, SENT, Open, PostOffice
from tests.requirements import requirement
from tests.servers.certificates import Certificates
from tests.servers.ground import MakeSettings
from tests.servers.relay import DROP, Relay

OURS, TO = "letters@stagelight.example", "amara@mail.example"
LETTER = b"Subject: hello\r\n\r\n.a dot first\r\nthe end\r\n"


@pytest.fixture
def postbox(settings: MakeSettings, relay: Relay) -> Iterator[SmtpPostbox]:
    """A postbox beside the relay, without a worker."""
    said = {"smtp_host": "127.0.0.1", "smtp_port": relay.port, "smtp_security": "none", "smtp_timeout": 2}
    box = SmtpPostbox(settings(postbox="smtp", **said))
    yield box
    if box.line is not None:
        box.line.close()


def deliver(postbox: SmtpPostbox, letter: bytes = LETTER, to: str = TO) -> str:
    return postbox.deliver(letter, sender=OURS, to=to)


def test_one_line_carries_many_letters(postbox: SmtpPostbox, relay: Relay) -> None:
    deliver(postbox)
    line = postbox.line
    assert line is not None
    deliver(postbox)
    assert postbox.line is line
    assert [(received.sender, received.recipients) for received in relay.letters] == [(OURS, (TO,))] * 2


def test_a_letter_arrives_byte_for_byte(postbox: SmtpPostbox, relay: Relay) -> None:
    tricky = b"Subject: dots\r\n\r\n.\r\n..\r\n.leading\r\nno line end"
    deliver(postbox, tricky)
    assert relay.letters[0].content == tricky + b"\r\n"


@requirement("EML-09")
@pytest.mark.parametrize("stale", ["the relay was restarted", "421 4.4.2 idle for too long", DROP])
def test_a_line_that_went_stale_is_opened_anew_at_once(postbox: SmtpPostbox, relay: Relay, stale: str) -> None:
    deliver(postbox)
    if stale.startswith("the"):
        relay.close()
        relay.open()
    else:
        relay.misbehave("MAIL", stale)
    assert deliver(postbox) == "250 2.0.0"
    assert len(relay.letters) == 2


@requirement("EML-09")
def test_a_stale_line_counts_against_no_letter(office: PostOffice, relay: Relay) -> None:
    office.ask("amara@mail.example")
    office.work()
    relay.close()
    relay.open()
    office.ask("bo@mail.example")
    assert office.send() == SENT
    assert [(letter.state, letter.possibly_repeated) for letter in office.letters()] == [(outbox.SENT, False)] * 2


def test_a_connection_that_took_too_long_is_kept_for_the_next_try(
    postbox: SmtpPostbox, relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = iter([0.0, 9.0, 10.0, 10.0])
    monkeypatch.setattr(smtp, "time", SimpleNamespace(monotonic=lambda: next(moments)))
    with pytest.raises(Unavailable, match="slow"):
        deliver(postbox)
    line = postbox.line
    assert (relay.letters, line is None) == ([], False)
    deliver(postbox)
    assert (len(relay.letters), postbox.line) == (1, line)


@requirement("EML-04")
@requirement("ENG-01")
@pytest.mark.parametrize("smtputf8", [True, False])
def test_an_address_outside_ascii_needs_a_relay_that_knows_such(
    open_office: Open, relay: Relay, smtputf8: bool
) -> None:
    relay.close()
    relay.smtputf8 = smtputf8
    relay.open()
    stanislaw = cast.Person("stanisław", (cast.Account(),))
    office = open_office(stanislaw)
    office.ask(stanislaw.address)
    assert office.send() == SENT
    letter = office.letter()
    assert letter.state == (outbox.SENT if smtputf8 else outbox.FAILED)
    assert [received.recipients for received in relay.letters] == [(stanislaw.address,)] * smtputf8
    assert "@" not in (letter.answer or "")


def test_text_outside_ascii_is_announced(postbox: SmtpPostbox) -> None:
    line = postbox._connected()
    assert smtp._options(line, LETTER, TO) == []
    assert smtp._options(line, "Zürich".encode(), TO) == ["BODY=8BITMIME"]
    assert smtp._options(line, LETTER, "stanisław@mail.example") == ["SMTPUTF8", "BODY=8BITMIME"]
    line.esmtp_features.pop("smtputf8")
    with pytest.raises(Refused):
        smtp._options(line, LETTER, "stanisław@mail.example")


@pytest.fixture
def shielded(certificates: Certificates, relay: Relay) -> Relay:
    """The relay, with encryption and a certificate of our own authority."""
    relay.close()
    relay.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    relay.tls.load_cert_chain(certificates.chain, certificates.key)
    relay.open()
    return relay


@requirement("EML-09")
@requirement("ENG-01")
def test_a_certificate_that_is_not_trusted_gets_no_letter(
    open_office: Open, shielded: Relay, certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = open_office(smtp_security="starttls")
    office.ask(TO)
    assert office.send() == AWAY
    assert (office.letter().state, office.letter().refusals) == (outbox.QUEUED, 0)
    assert office.letter().answer == "SSLCertVerificationError"
    assert shielded.letters == []
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates.authority))
    assert office.send() == SENT
    assert len(shielded.letters) == 1


def test_a_relay_without_encryption_gets_no_letter_where_it_is_wanted(settings: MakeSettings, relay: Relay) -> None:
    said = {"smtp_host": "127.0.0.1", "smtp_port": relay.port, "smtp_security": "starttls", "smtp_timeout": 2}
    with pytest.raises(Unavailable, match="SMTPNotSupportedError"):
        deliver(SmtpPostbox(settings(postbox="smtp", **said)))
    assert relay.letters == []


@requirement("EML-09")
@pytest.mark.parametrize(
    "said", ["hello?\r\n", "", "354 go on\r\n", "200 what\r\n"], ids=["noise", "end", "354", "200"]
)
def test_an_answer_that_nobody_understands_leaves_the_letter_in_doubt(settings: MakeSettings, said: str) -> None:
    def speak(listener: socket.socket) -> None:
        line, _ = listener.accept()
        with line, line.makefile("rw", newline="") as talk:
            for answer in ("220 hi\r\n", "250 hi\r\n", "250 ok\r\n", "250 ok\r\n", "354 go\r\n"):
                talk.write(answer)
                talk.flush()
                talk.readline()
            while talk.readline() != ".\r\n":
                pass
            talk.write(said)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        teller = threading.Thread(target=speak, args=(listener,))
        teller.start()
        here = {"smtp_host": "127.0.0.1", "smtp_port": listener.getsockname()[1], "smtp_security": "none"}
        with pytest.raises(smtp.Uncertain):
            deliver(SmtpPostbox(settings(postbox="smtp", smtp_timeout=2, **here)))
        teller.join()
