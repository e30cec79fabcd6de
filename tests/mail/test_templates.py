"""What letters are filled with comes from fixed lists, so that nobody can write to others through us."""

from pathlib import Path

import pytest
from jinja2 import Environment, meta, nodes

from portal.config import ROOT
from portal.identity.browsers import FAMILIES, family
from portal.mail.message import Sender
from tests.letters import Letter
from tests.mail.conftest import PostOffice
from tests.requirements import requirement
from tests.servers.relay import Relay

FOLDER = ROOT / "templates" / "mail"
FROM_EVERY_LETTER = {"sender", "locale", "direction"}
ALLOWED = {
    "link": {"link", "site", "stop_link", "code", "asked", "browser"} | FROM_EVERY_LETTER,
    "unknown": {"asked", "portal"} | FROM_EVERY_LETTER,
    "password_changed": {"brand", "changed", "help_page", "portal"} | FROM_EVERY_LETTER,
    "code_ready": {"portal", "replaced"} | FROM_EVERY_LETTER,
    "case_answer": {"number", "portal", "help_page"} | FROM_EVERY_LETTER,
    "mailbox_change": {"brand", "link", "applies"} | FROM_EVERY_LETTER,
    "helper_begins": {"brand", "relation", "begins", "portal", "help_page"} | FROM_EVERY_LETTER,
    "alert": {"what", "number"} | FROM_EVERY_LETTER,
    "anchor": {"entry", "moment", "line"} | FROM_EVERY_LETTER,
    "invitation": {"link", "ends"} | FROM_EVERY_LETTER,
    "parts": FROM_EVERY_LETTER,
}
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
HOSTILE = [
    "Firefox/128 <a href=https://evil.example>win</a>",
    "Chrome/1\tVisit evil.example now, Amara",
    "{{ sender }} Firefox/128 {% raw %}",
    "Edg/1 " + "evil.example " * 200,
    "evil.example",
    "",
]
TEMPLATES = sorted(path for path in FOLDER.rglob("*") if path.is_file())


def parsed(text: str) -> nodes.Template:
    return Environment(extensions=["jinja2.ext.i18n"], autoescape=True).parse(text)


@requirement("EML-11")
@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_letter_asks_for_nothing_but_the_listed_values(path: Path) -> None:
    tree = parsed(path.read_text(encoding="utf-8"))
    asked = meta.find_undeclared_variables(tree) - {"gettext"}
    assert asked <= ALLOWED[path.parent.name]
    of_sender = {node.attr for node in tree.find_all(nodes.Getattr) if getattr(node.node, "name", "") == "sender"}
    assert of_sender <= set(Sender.__dataclass_fields__)


@requirement("EML-11")
def test_every_letter_has_its_list() -> None:
    assert {path.parent.name for path in TEMPLATES} == set(ALLOWED)


@requirement("EML-11")
@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_letter_switches_escaping_off(path: Path) -> None:
    tree = parsed(path.read_text(encoding="utf-8"))
    assert not [node for node in tree.find_all(nodes.Filter) if node.name in ("safe", "forceescape")]


@requirement("EML-11")
@requirement("ENG-01")
@pytest.mark.parametrize("agent", HOSTILE, ids=range(len(HOSTILE)))
def test_a_hostile_browser_writes_nothing_into_a_letter(office: PostOffice, relay: Relay, agent: str) -> None:
    office.visitor.post("/start", {"email": "amara@mail.example"}, User_Agent=agent)
    office.visitor.post("/start", {"email": "bo@mail.example"}, User_Agent=CHROME)
    office.work()
    letters = [Letter(received.message) for received in relay.letters]
    for text in (letters[0].plain + letters[0].html, letters[0].subject):
        assert "evil" not in text
        assert "{{" not in text
    assert "Chrome" in letters[1].plain


@requirement("EML-11")
@requirement("ENG-01")
def test_a_letter_repeats_nothing_that_was_typed(office: PostOffice, relay: Relay) -> None:
    typed = "you.have.won+visit-evil.example@mail.example"
    office.visitor.post("/start?lang=evil", {"email": typed, "name": "evil"}, Accept_Language="evil")
    office.work()
    letter = Letter(relay.letters[0].message)
    assert letter.message["To"] == typed
    assert "won" not in letter.subject + letter.plain + letter.html
    assert "evil" not in letter.subject + letter.plain + letter.html


@requirement("EML-11")
@pytest.mark.parametrize("agent", [*HOSTILE, CHROME])
def test_a_browser_is_of_a_known_family_or_of_none(agent: str) -> None:
    assert family(agent) in {"", *(name for _, name in FAMILIES)}
