"""Posted codes: a letter on paper whose code is evidence once it came back, for 30 days and five wrong tries."""

import re

import pytest
from flask import Flask

from tests.console.mailbox_bench import Matter
from tests.servers.ground import StillClock

CODE = re.compile(r"\(([0-9A-Z]{4}-[0-9A-Z]{4})\) Tj")


def test_the_code_of_a_posted_letter_counts_once_it_came_back(matter: Matter, clock: StillClock) -> None:
    matter.begin()
    evidence = ["posted_letter", "order_number"]
    letter = matter.agent.do(f"{matter.place}/letter", fresh=True)
    assert letter.headers["Content-Type"] == "application/pdf"
    assert letter.text.startswith("%PDF-")
    assert (letter.headers["Cache-Control"], "%%EOF" in letter.text) == ("no-store", True)
    [code] = CODE.findall(letter.text)
    assert matter.number in letter.text
    assert matter.propose(evidence=evidence).status == 409
    emre = matter.customer
    emre.post("/help/case", {"number": matter.number, "phrase": matter.phrase})
    assert "/help/case/code" in emre.get("/help/case/read").text
    assert emre.act("/help/case/code", "/help/case/code", code="0000-0000").status == 400
    assert emre.act("/help/case/code", "/help/case/code", code=code.lower()).status == 303
    assert emre.act("/help/case/code", "/help/case/code", code=code).status == 400
    assert matter.propose(evidence=evidence).status == 303


@pytest.mark.parametrize(("tries", "days"), [(5, 0), (0, 30)])
def test_a_posted_code_ends_after_five_wrong_ones_and_after_30_days(
    matter: Matter, clock: StillClock, tries: int, days: int
) -> None:
    matter.begin()
    [code] = CODE.findall(matter.agent.do(f"{matter.place}/letter", fresh=True).text)
    clock.move(days=days)
    emre = matter.customer
    emre.post("/help/case", {"number": matter.number, "phrase": matter.phrase})
    for _ in range(tries):
        assert emre.act("/help/case/code", "/help/case/code", code="0000-0000").status == 400
    assert emre.act("/help/case/code", "/help/case/code", code=code).status == 400
    assert matter.change.posted_at is None


def test_a_language_that_no_common_font_spells_is_a_page_to_print(matter: Matter, portal: Flask) -> None:
    incident = portal.extensions["incident"]
    company = incident.company.model_copy(update={"name": "Światło i bilety"})
    portal.extensions["incident"] = incident.model_copy(update={"company": company})
    matter.begin()
    letter = matter.agent.do(f"{matter.place}/letter", fresh=True)
    assert letter.headers["Content-Type"].startswith("text/html")
    assert "Światło" in letter.text
    assert re.search(r"code\">[0-9A-Z]{4}-[0-9A-Z]{4}</p>", letter.text)
