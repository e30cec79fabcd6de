"""Posted codes: a letter on paper whose code is evidence once it came back, for 30 days and five wrong tries."""

import re

import pytest

from tests.console.mailbox_bench import Matter
from tests.servers.ground import StillClock

CODE = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}</p>")


def test_the_code_of_a_posted_letter_counts_once_it_came_back(matter: Matter, clock: StillClock) -> None:
    matter.begin()
    evidence = ["posted_letter", "order_number"]
    letter = matter.agent.do(f"{matter.place}/letter", fresh=True)
    code = CODE.findall(letter.text)[0][:9]
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
    code = CODE.findall(matter.agent.do(f"{matter.place}/letter", fresh=True).text)[0][:9]
    clock.move(days=days)
    emre = matter.customer
    emre.post("/help/case", {"number": matter.number, "phrase": matter.phrase})
    for _ in range(tries):
        assert emre.act("/help/case/code", "/help/case/code", code="0000-0000").status == 400
    assert emre.act("/help/case/code", "/help/case/code", code=code).status == 400
    assert matter.change.posted_at is None
