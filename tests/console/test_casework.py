"""Casework at the console: one agent at a time, nothing written over, and only official links in an answer."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from portal.cases.case import CLOSED, CaseMoved
from portal.cases.claims import claim
from tests.cases.bench import SENTENCE
from tests.cases.test_writing import HARMFUL
from tests.console.bench import Colleague, Office
from tests.console.cases import VERSION, act, answer, as_it_is, place, take, talk, written
from tests.requirements import requirement
from tests.visitor import token_on

pytestmark = pytest.mark.usefixtures("cast")
ANSWER = "Please look in your spam folder."


@requirement("STF-12")
def test_a_case_is_taken_answered_noted_and_closed(office: Office, chen: Colleague) -> None:
    case = written(office)
    assert take(chen, case).status == 303
    assert answer(chen, case, ANSWER).status == 303
    assert act(chen, case, "notes", note="He was in a hurry.").status == 303
    assert talk(chen.get(place(case))) == [SENTENCE, ANSWER, "He was in a hurry."]
    assert act(chen, case, "closure", why="solved").status == 303
    ended = as_it_is(office, case)
    assert (ended.state, ended.close_reason, ended.claimed_by) == (CLOSED, "solved", None)
    assert "Take this case" not in chen.get(place(case)).text


@requirement("STF-12")
def test_another_agents_case_can_be_read_but_not_written(office: Office, chen: Colleague, gita: Colleague) -> None:
    case = written(office)
    take(chen, case)
    page = gita.get(place(case))
    assert "chen works on this case" in page.text
    assert talk(page) == [SENTENCE]
    for what, said in (("answers", {"text": ANSWER, "why": "told"}), ("notes", {"note": "x"}), ("claim", {})):
        version = str(as_it_is(office, case).version)
        told = gita.do(f"{place(case)}/{what}", version=version, **said)
        assert (told.status, "Nothing was written" in told.text) == (409, True)
    assert talk(chen.get(place(case))) == [SENTENCE]
    office.clock.move(minutes=15)
    gita.sign_in()
    assert take(gita, case).status == 303
    assert answer(gita, case, ANSWER).status == 303


@requirement("STF-12")
def test_a_page_that_is_old_writes_nothing_and_keeps_what_was_typed(office: Office, chen: Colleague) -> None:
    case = written(office)
    take(chen, case)
    old = chen.get(place(case))
    seen = {"csrf_token": token_on(old), "version": VERSION.findall(old.text)[0]}
    act(chen, case, "notes", note="From another window.")
    told = chen.post(f"{place(case)}/answers", seen | {"text": ANSWER, "why": "told"})
    assert told.status == 409
    assert re.search(rf"<textarea[^>]*>\s*{ANSWER}</textarea>", told.text)
    again = {"csrf_token": token_on(told), "version": VERSION.findall(told.text)[0]}
    assert chen.post(f"{place(case)}/answers", again | {"text": ANSWER, "why": "told"}).status == 303


@requirement("STF-12")
def test_writing_prolongs_the_claim(office: Office, chen: Colleague, gita: Colleague) -> None:
    case = written(office)
    take(chen, case)
    office.clock.move(minutes=14)
    act(chen, case, "notes", note="Still here.")
    office.clock.move(minutes=14)
    gita.sign_in()
    assert take(gita, case).status == 409


@requirement("STF-12")
def test_of_two_agents_in_the_same_moment_one_gets_the_case(office: Office) -> None:
    case = as_it_is(office, written(office))

    def reach(number: int) -> bool:
        try:
            with office.database.write() as session:
                claim(session, case, case.version, by=f"member:{number}", now=office.clock())
        except CaseMoved:
            return False
        return True

    with ThreadPoolExecutor(8) as crowd:
        assert sum(crowd.map(reach, range(16))) == 1


@requirement("STF-11")
@pytest.mark.parametrize("why", ["", "because", "merged", "by-customer"])
@pytest.mark.parametrize("what", ["answers", "closure"])
def test_no_change_without_a_reason_of_the_list(office: Office, chen: Colleague, what: str, why: str) -> None:
    case = written(office)
    take(chen, case)
    before = as_it_is(office, case)
    assert act(chen, case, what, why=why, text=ANSWER).status == 400
    assert (as_it_is(office, case).state, as_it_is(office, case).version) == (before.state, before.version)


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example",
        "evil.example/reset",
        "www.evil.example",
        "x@evil.example",
        "https://evil。example",
        "evil。example",
        "ev\u200bil.exa\u00admple",
        "https://www.stagelight.example@evil.example",
        "evil[.]com",
    ],
)
def test_an_answer_names_official_links_only(office: Office, chen: Colleague, link: str) -> None:
    case = written(office)
    take(chen, case)
    told = answer(chen, case, f"Go to {link} now.")
    assert (told.status, "Only official links" in told.text) == (400, True)
    assert talk(chen.get(place(case))) == [SENTENCE]


def test_a_ready_answer_is_filled_and_may_be_sent(office: Office, chen: Colleague) -> None:
    case = written(office, locale="nl")
    take(chen, case)
    page = chen.get(f"{place(case)}?ready=letter-on-its-way")
    assert "Dank u voor uw bericht" in page.text
    brand = office.app.extensions["incident"].brands[0]
    assert answer(chen, case, f"Vraag een nieuwe aan op {brand.origin}.").status == 303


@requirement("STF-17")
def test_nothing_that_a_customer_writes_becomes_part_of_the_page(office: Office, chen: Colleague) -> None:
    for text in HARMFUL:
        case = written(office, text)
        page = chen.get(place(case))
        assert talk(page) == [text]
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
        policy = page.headers["Content-Security-Policy"]
        assert "require-trusted-types-for 'script'" in policy
        assert "unsafe" not in policy


@pytest.mark.parametrize(("length", "status"), [(4000, 303), (4001, 400), (1_000_000, 413)])
def test_an_answer_has_an_end(office: Office, chen: Colleague, length: int, status: int) -> None:
    case = written(office)
    take(chen, case)
    assert answer(chen, case, "x" * length).status == status
    assert len(talk(chen.get(place(case)))) == (2 if status == 303 else 1)
