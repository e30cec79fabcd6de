"""Every page of the console says nothing that a translator has not seen."""

import re

import pytest
from flask import Flask, template_rendered

from portal.audit.events import Event
from portal.config import ROOT
from tests.console.bench import Office
from tests.console.mailbox_bench import NEW, OLD
from tests.languages.brackets import Spoken, outside, strings
from tests.languages.console_tour import TOO_LONG
from tests.languages.whole_tour import PIECES, each_room
from tests.requirements import requirement

pytestmark = pytest.mark.usefixtures("bracketed")
PAPER_CODE = re.compile(r"(?<=code\">)[0-9A-Z]{4}-[0-9A-Z]{4}")
# What is the same in every language: numbers, digests, keys, details of the trail.
SAME = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{64}|(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}|\w+=\S*")
NAMES = {"chen", "dilys", "emre", "laptop", "key of chen", "key of dilys", "worker", "visitor", "operator", "member:"}
NAMES |= {"English", "Nederlands", "entrance", "trail", "proposal", "codes", "company", *Event}


# Pieces of others; and a page that holds what another one said.
UNSEEN = {f"console/{name}.html" for name in (*PIECES, "bulk_one")}


@requirement("USE-04")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # words are the same on both
def test_every_page_of_the_console_is_translated_whole(whole_office: Office) -> None:
    pages: dict[str, str] = {}
    rendered: set[str] = set()

    def note(_app: Flask, template: object, **_values: object) -> None:
        rendered.add(str(getattr(template, "name", "")))

    with template_rendered.connected_to(note):
        foreign = each_room(whole_office, "nl", pages)
    incident = whole_office.app.extensions["incident"]
    said = {*strings((incident.company, incident.brands)), *NAMES, *incident.locales, *foreign}
    said |= {"gita", "hana", "bo", "agent", OLD, NEW, TOO_LONG}
    plain = {name: PAPER_CODE.sub("", SAME.sub("", html)) for name, html in pages.items()}
    bare = {name: outside(Spoken(html).texts, said) for name, html in plain.items()}
    assert {name: words for name, words in bare.items() if words} == {}
    folder = ROOT / "templates" / "console"
    assert {f"console/{path.name}" for path in folder.iterdir()} - rendered == UNSEEN
