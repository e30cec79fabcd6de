"""The benches themselves: the inspection finds what it is for, and the network is off."""

import socket

import pytest

from tests.inspection import faults
from tests.servers.network import NetworkIsOff

SOUND = (
    '<!doctype html><html lang="en"><head><title>Your answer – Stagelight</title></head><body><h1>Your answer</h1>'
    '<a id="a" href="/faq?lang=nl">Questions</a><a href="mailto:help@stagelight.example">Write</a>'
    '<form method="post" action="/leave"><input name="csrf_token" value="x"></form></body></html>'
)
SECRET = "0123456789" * 5


def classes(path: str) -> str | None:
    """The class of each post, as an application would tell it."""
    return {"/leave": "visit", "/start": "public"}.get(path)


def test_a_sound_page_has_no_fault() -> None:
    assert faults(SOUND, "/status", classes) == []


@pytest.mark.parametrize(
    ("sound", "broken"),
    [
        (' lang="en"', ""),
        ("<title>Your answer", "<title>Answer"),
        ("<h1>Your answer</h1>", ""),
        ("</h1>", "</h1><h1>Another</h1>"),
        ("</h1>", '</h1><p id="a"></p>'),
        ("<h1>", '<h1 style="color:red">'),
        ("<h1>", '<h1 onclick="x()">'),
        ("</head>", "<style>h1 {}</style></head>"),
        ("</head>", "<script>x()</script></head>"),
        ('name="csrf_token"', 'name="other"'),
        ('action="/leave"', 'action="/start"'),
        ("/faq?lang=nl", "/faq?lang=nl&amp;email=amara"),
        ("/faq?lang=nl", f"/v#{SECRET}"),
        ("/faq?lang=nl", f"/v/{SECRET[:20]}"),
        ("/faq?lang=nl", "/status/amara@mail.example"),
        ("mailto:help@stagelight.example", "mailto:amara@mail.example"),
    ],
)
def test_the_inspection_finds_what_is_wrong(sound: str, broken: str) -> None:
    assert sound in SOUND
    assert len(faults(SOUND.replace(sound, broken, 1), "/status", classes)) == 1


def test_the_network_is_off() -> None:
    with pytest.raises(NetworkIsOff):
        socket.create_connection(("192.0.2.1", 25), timeout=1)
    with pytest.raises(NetworkIsOff):
        socket.getaddrinfo("stagelight.example", 443)
