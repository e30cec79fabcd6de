"""Plain words: a reader needs no more than eight years of school for our pages and letters (USE-03)."""

from portal.database import Database
from portal.sealing import KeyRing
from portal.web.errors import FOREIGN_POST, WORDS
from tests.cast import AMARA, BO, EMRE, FATOU, Account, Person, settle
from tests.enrolment.bench import reveal, some_codes, stock_up
from tests.house.plain import grade, prose_of_letter, prose_of_page, syllables
from tests.reset.bench import NEW, give_passwords, set_password
from tests.visitor import Visitor

SCHOOL_YEARS = 8
PAGES = ("/", "/faq", "/updates", "/real-messages", "/help", "/sent", "/v", "/revoke", "/leave", "/nowhere")
REFUSED = {"/start": {"email": "no"}, "/v": {"code": "0"}, "/revoke": {"code": "0"}}
WAITING = Person("waiting", (Account(result="UNKNOWN"), Account(brand="ticketlane", result="UNDER_REVIEW")))

# Counted by hand, from our own texts and from among the words that such counters get wrong.
COUNTED = (
    "account:2 address:2 affected:3 answer:2 area:3 asked:1 authority:4 browser:2 careful:2 changed:1 code:1 "
    "company:3 complain:2 concern:2 copied:2 create:2 customer:3 data:2 details:2 device:2 email:2 everyone:3 "
    "exposed:2 harmful:2 idea:3 identity:4 incident:3 international:5 letter:2 little:2 listed:2 mailbox:2 "
    "messages:3 minutes:2 mistake:2 money:2 monitoring:4 names:1 nobody:3 nothing:2 officer:3 official:3 opened:2 "
    "pages:2 passwords:2 payment:2 people:2 perhaps:2 period:3 person:2 postal:2 previous:3 protection:3 "
    "question:2 quiet:2 real:1 revision:3 rules:1 science:2 security:4 serious:3 services:3 situation:4 "
    "somebody:3 someone:2 statement:2 stolen:2 supplier:3 table:2 telephone:3 tickets:2 times:1 together:3 "
    "twelve:1 typed:1 unique:2 unusual:4 updates:2 using:2 visit:2 watches:2 were:1 window:2 without:2 working:2"
)


def test_the_counter_of_syllables_errs_by_less_than_three_in_a_hundred() -> None:
    counted = {word: int(number) for word, _, number in (pair.partition(":") for pair in COUNTED.split())}
    wrong = sum(abs(syllables(word) - number) for word, number in counted.items())
    assert wrong / sum(counted.values()) < 0.03


def test_the_grade_is_that_of_well_known_texts() -> None:
    easy = "The cat sat on the mat. It was a warm day. The sun was out."
    hard = "Notwithstanding considerable organisational difficulties, the administration implemented alterations."
    assert grade(easy) < 1
    assert grade(hard) > 20


def test_every_page_is_plain(visitor: Visitor) -> None:
    texts = {path: visitor.get(path).text for path in PAGES}
    texts |= {f"{path} refuses": visitor.post(path, fields).text for path, fields in REFUSED.items()}
    assert {name: years for name, text in texts.items() if (years := grade(prose_of_page(text))) > SCHOOL_YEARS} == {}


def test_every_answer_and_its_letter_is_plain(database: Database, keys: KeyRing, visitor: Visitor) -> None:
    people = (AMARA, BO, EMRE, WAITING)
    settle(database, keys, *people)
    for person in people:
        visitor.ask(person.address)
        letter = visitor.letter(person.address)
        visitor.follow(letter)
        texts = (prose_of_letter(letter.plain), prose_of_page(letter.html), prose_of_page(visitor.get("/status").text))
        assert [text for text in texts if grade(text) > SCHOOL_YEARS] == []


def test_every_page_behind_the_answer_and_its_letters_are_plain(
    database: Database, keys: KeyRing, visitor: Visitor
) -> None:
    settle(database, keys)
    give_passwords(database, keys)
    visitor.arrive(EMRE.address)
    pages = [visitor.get(path) for path in ("/password", "/done")]
    pages += [set_password(visitor, "short"), visitor.get("/done")]
    set_password(visitor, NEW)
    changed = visitor.letter(EMRE.address)
    pages += [visitor.get("/code"), reveal(visitor)]
    stock_up(database, keys, some_codes(1))
    ready = visitor.letter(EMRE.address)
    pages += [visitor.get("/code"), reveal(visitor), visitor.get("/done")]
    visitor.arrive(BO.address)
    pages += [visitor.get(path) for path in ("/password", "/code")]
    texts = [prose_of_page(page.text) for page in pages]
    texts += [prose_of_letter(letter.plain) for letter in (changed, ready)]
    assert [text for text in texts if grade(text) > SCHOOL_YEARS] == []


def test_the_letter_to_a_stranger_is_plain(visitor: Visitor) -> None:
    visitor.ask(FATOU.address)
    letter = visitor.letter(FATOU.address)
    assert grade(prose_of_letter(letter.plain)) <= SCHOOL_YEARS
    assert grade(prose_of_page(letter.html)) <= SCHOOL_YEARS


def test_every_error_is_plain() -> None:
    said = [f"{words.happened}\n{words.todo}" for words in (*WORDS.values(), FOREIGN_POST)]
    assert [text for text in said if grade(text) > SCHOOL_YEARS] == []
