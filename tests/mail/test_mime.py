"""A letter that is filled in says what the standard library would have said, whatever it is filled with."""

import inspect
import re
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import format_datetime, formataddr
from textwrap import fill
from typing import Any
from unittest.mock import patch
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.mail import letters, rendering
from portal.mail.message import Message, Sender, Text
from portal.mail.mime import LONGEST_LINE, mime
from portal.mail.rendering import PARTS, WIDTH, render
from tests.requirements import requirement

NOW = datetime(2018, 6, 28, 9, 0, 12, tzinfo=UTC)
SENDER = Sender("Stagelight", "letters@stagelight.example", "Stagelight", "a@b.example", "+44 20 1", "One, Two")
KINDS = [
    name
    for name, made in inspect.getmembers(letters, inspect.isfunction)
    if "sender" in made.__annotations__ and not name.startswith("_")
]
CHOSEN = {"relation": "carer", "what": "many", "entry": 7, "replaced": True, "zone": ZoneInfo("Europe/London")}
ADDRESSES = ["amara@mail.example", "o'neil+x=?y@mail.example", "jürgen@müller.example", '"a, b"@mail.example']
ODD = "\x00\t\x0b\x0c\r\n\x1c\x85\u2028<>&\"'%({}=?\ue0f0\ue0f1 \u00e9\U0001f600"
words = st.text(st.sampled_from(ODD) | st.characters(exclude_categories=["Cs"]), max_size=60)
one_line = words.map(lambda said: " ".join(said.split()))


def as_the_library_says(message: Message, to: str, message_id: str) -> bytes:
    rules = policy.SMTP if to.isascii() else policy.SMTPUTF8
    letter = EmailMessage(policy=rules.clone(max_line_length=LONGEST_LINE))
    letter["From"] = formataddr((message.sender.name, message.sender.address))
    letter["To"] = to
    letter["Subject"] = message.text.subject
    letter["Date"] = format_datetime(NOW)
    letter["Message-ID"] = message_id
    for name, value in message.headers:
        letter[name] = value
    letter["Auto-Submitted"], letter["X-Auto-Response-Suppress"] = "auto-generated", "All"
    letter.set_content(message.text.plain)
    letter.add_alternative(message.text.html, subtype="html")
    letter["Content-Language"] = message.locale.replace("_", "-")
    return letter.as_bytes()


def read(content: bytes) -> dict[str, Any]:
    parsed = BytesParser(policy=policy.default).parsebytes(content)
    headers = {name: str(value) for name, value in parsed.items() if name != "Content-Type"}
    assert len(headers) == len(parsed.keys()) - 1
    parts = [
        (part.get_content_type(), part.get_content_charset(), part["Content-Transfer-Encoding"], part.get_content())
        for part in parsed.iter_parts()
    ]
    defects = [type(defect) for defect in parsed.defects]
    return {"type": parsed.get_content_type(), "headers": headers, "parts": parts, "defects": defects}


@requirement("EML-10")
@given(one_line, words, words, one_line, st.sampled_from(ADDRESSES), st.sampled_from(["en", "pt_BR"]))
def test_it_parses_as_what_the_library_would_have_built(
    subject: str, plain: str, html: str, name: str, to: str, locale: str
) -> None:
    message = Message(Sender(name, *list(SENDER.__dict__.values())[1:]), Text(subject, plain, html), locale)
    built, said = (make(message, to, "<7@localhost>") for make in (ours, as_the_library_says))
    assert read(built) == read(said)


def ours(message: Message, to: str, message_id: str) -> bytes:
    return mime(message, to=to, message_id=message_id, now=NOW)


@requirement("EML-10")
@given(words)
def test_its_lines_end_one_way_and_are_short_enough(said: str) -> None:
    long = said + "wörd " * 300
    content = ours(Message(SENDER, Text("s", long, f"<p>{long}</p>"), "en"), "a@b.example", "<7@localhost>")
    assert max(map(len, content.split(b"\r\n"))) <= LONGEST_LINE
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", content)
    plain, html = (part.get_content() for part in BytesParser(policy=policy.default).parsebytes(content).iter_parts())
    assert plain.splitlines() == long.splitlines()
    assert html.splitlines() == f"<p>{long}</p>".splitlines()


@requirement("EML-02")
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r", "\x0b", "\u2028", "\x85"])
@pytest.mark.parametrize("place", ["to", "subject", "name", "message_id", "unsubscribe"])
def test_no_value_begins_a_header_of_its_own(place: str, end: str) -> None:
    evil = f"a@b.example{end}Bcc: evil@mail.example"
    said = {name: evil if name == place else "a@b.example" for name in ("to", "subject", "name", "message_id")}
    headers = (("List-Unsubscribe", f"<https://x.example/>{end}Bcc: e@b.example" if place == "unsubscribe" else "<x>"),)
    sender = Sender(said["name"], "a@b.example", "", "", "", "")
    message = Message(sender, Text(said["subject"], "p", "h"), "en", headers)
    try:
        content = ours(message, said["to"], said["message_id"])
    except ValueError:
        return
    names = BytesParser(policy=policy.default).parsebytes(content).keys()
    assert "Bcc" not in names
    assert not re.search(rb"(?m)^Bcc", content)


def test_a_letter_may_have_headers_of_its_own_and_comes_again_with_the_same_bytes() -> None:
    message = Message(SENDER, Text("s", "p", "h"), "en", (("List-Unsubscribe", "<https://localhost/u?lang=en#x.y>"),))
    contents = {ours(message, "a@b.example", "<7@localhost>") for _ in range(2)}
    assert len(contents) == 1
    assert read(contents.pop()) == read(as_the_library_says(message, "a@b.example", "<7@localhost>"))


@requirement("EML-10")
@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_a_letter_filled_in_reads_as_one_rendered_whole(kind: str, data: st.DataObject) -> None:
    def both(letter: str, locale: str, personal: dict[str, str], **shared: Any) -> Text:
        filled = render(letter, locale, personal, **shared)
        assert filled == whole(letter, locale, **personal, **shared)
        return filled

    said = {"sender": SENDER, "locale": data.draw(st.sampled_from(["en", "nl"]))}
    for name in set(inspect.signature(getattr(letters, kind)).parameters) - set(said):
        said[name] = CHOSEN.get(name) or (NOW if name.endswith("_at") else data.draw(words, name))
    with patch.object(letters, "render", both):
        getattr(letters, kind)(**said)


def whole(letter: str, locale: str, **values: Any) -> Text:
    environment = rendering._environment(locale)
    said = (environment.get_template(f"{letter}/{part}").render(locale=locale, **values) for part in PARTS)
    subject, plain, html = said
    lines = (
        fill(line, WIDTH, break_long_words=False, break_on_hyphens=False) if len(line) > WIDTH else line
        for line in plain.splitlines()
    )
    return Text(" ".join(subject.split()), "\n".join(lines).strip() + "\n", html)
