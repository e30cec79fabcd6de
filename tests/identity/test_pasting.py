"""Pasting: without script, the link of the letter is pasted as it came, or as somebody's mail gateway rewrote it."""

from collections.abc import Callable
from urllib.parse import quote

import pytest

from portal.identity.proofs import Proof
from tests.requirements import requirement
from tests.visitor import Visitor

NAME, TOKEN = "0123456789abcdefghij", "k" * 25 + "0" * 25
LINK = f"https://incident.stagelight.example/v#{NAME}.{TOKEN}"
SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it came": lambda link: link,
    "the part behind the sign": lambda link: link.partition("#")[2],
    "with spaces around": lambda link: f"  {link}\t",
    "in angle brackets": lambda link: f"<{link}>",
    "with a full stop": lambda link: f"{link}.",
    "with a word behind": lambda link: f"{link} Thank you",
    "in a sentence": lambda link: f"the link is {link}, and it does not open",
    "with the code behind": lambda link: f"{link}\n\n    7K3M-9QTX\n",
    "broken in the token": lambda link: f"{link[:-30]}\n{link[-30:]}",
    "broken twice and moved in": lambda link: f"{link[:-60]}\r\n {link[-60:-20]}\r\n {link[-20:]}",
    "broken, and a word behind": lambda link: f"{link[:-30]}\n{link[-30:]}\nthank you",
    "as Safe Links write it": lambda link: f"https://in.example/?url={quote(link, safe='')}&data=05%7C01&reserved=0",
    "rewritten by two gateways": lambda link: "https://out.example/?u=" + quote(quote(link, safe=""), safe=""),
    "as Proofpoint 2 writes it": lambda link: f"https://in.example/v2/url?u={proofpoint(link)}&d=DwMFaQ",
    "as Proofpoint 3 writes it": lambda link: f"https://in.example/v3/__{link.replace('#', '*')}__;Iw!!x",
    "as Barracuda writes it": lambda link: f"https://in.example/url?a={quote(link, safe='').lower()}&c=E,1,abc",
    "with a tracker behind": lambda link: f"{link}?utm_source=mail",
}


def proofpoint(link: str) -> str:
    """Every sign but letters and digits as a dash and its number, a slash as a line below."""
    return quote(link, safe="/").replace("-", "-2D").replace("%", "-").replace("/", "_")


def read(link: str) -> Proof:
    """What a pasted text is taken for."""
    return Proof.read(cookie="", public_id="", token="", code="", link=link)


@requirement("LNK-27")
@pytest.mark.parametrize("spell", SPELLINGS.values(), ids=SPELLINGS.keys())
def test_a_pasted_link_is_found(spell: Callable[[str], str]) -> None:
    assert read(spell(LINK)) == Proof(public_id=NAME, token=TOKEN)


@requirement("LNK-27")
@pytest.mark.parametrize(
    "pasted", ["", "https://incident.stagelight.example/v", f"{NAME}.", f".{TOKEN}", LINK[:-1], "%"]
)
def test_what_holds_no_link_is_taken_for_nothing(pasted: str) -> None:
    assert read(pasted) == Proof()


@requirement("LNK-27")
def test_a_long_text_is_read_quickly() -> None:
    assert read(f"{NAME}." * 20_000) == Proof()
    assert read("a" * 400_000) == Proof()


@requirement("LNK-27")
@requirement("WEB-12")
@pytest.mark.usefixtures("cast")
@pytest.mark.parametrize("kind", ["as it came", "as Safe Links write it", "broken in the token"])
def test_without_script_the_asking_browser_goes_on_by_pasting(visitor: Visitor, kind: str) -> None:
    assert 'name="link"' in visitor.get("/v").text
    visitor.ask("amara@mail.example")
    letter = visitor.letter("amara@mail.example")
    pasted = SPELLINGS[kind](letter.link)
    assert visitor.post("/v", {"public_id": "", "token": "", "code": "", "link": pasted}).location == "/status"


@requirement("LNK-27")
@pytest.mark.usefixtures("cast")
def test_without_script_another_browser_pastes_and_types(visitor: Visitor, another_visitor: Visitor) -> None:
    visitor.ask("amara@mail.example")
    letter = visitor.letter("amara@mail.example")
    assert 'name="link"' in another_visitor.post("/v", {"code": letter.code}).text
    pasted = another_visitor.post("/v", {"link": letter.link})
    assert (pasted.status, f'value="{letter.token}"' in pasted.text) == (400, True)
    assert another_visitor.post("/v", {"link": letter.link, "code": letter.code}).location == "/status"
