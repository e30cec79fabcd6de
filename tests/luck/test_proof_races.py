"""Many proofs at the same moment, over real sockets to real web processes: one of them counts."""

from collections import Counter
from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from portal.audit.events import Event
from portal.audit.trail import AuditEvent
from portal.database import Database
from portal.identity.links import CONSUMED, LinkRequest
from portal.identity.visits import Visit
from portal.limits import CODE_TRIES
from portal.sealing import KeyRing
from tests.luck.crowd import AT_ONCE, Press, gathered
from tests.luck.ready import ReadyLetter, letters
from tests.luck.wire import Told
from tests.requirements import requirement
from tests.rounds import rounds
from tests.servers.processes import Install, Installation

ROUNDS = rounds(2)
pytestmark = pytest.mark.timeout(120 + 4 * ROUNDS)
PROVED, REFUSED = 303, 400

Open = Callable[[], Installation]


@pytest.fixture
def opened(install: Install, database: Database) -> Open:
    """Opens a portal behind one proxy: with PostgreSQL two web processes, with SQLite the one that it may have."""

    def start() -> Installation:
        installation = install(trusted_proxies=1)
        installation.web("--keep-alive", "60", "--workers", "1" if database.is_sqlite else "2", threads=8)
        return installation

    return start


def by_link(letter: ReadyLetter) -> Press:
    """The link, in the browser that asked."""
    return {"public_id": letter.public_id, "token": letter.token}, letter.cookie


def by_code(letter: ReadyLetter, code: str = "") -> Press:
    """The code, in the browser that asked."""
    return {"code": code or letter.code}, letter.cookie


def elsewhere(letter: ReadyLetter) -> Press:
    """Link and code, in another browser."""
    return {"public_id": letter.public_id, "token": letter.token, "code": letter.code}, ""


def opens_a_visit(told: Told) -> bool:
    """Whether this answer brings the cookie of a visit."""
    return any(one.startswith("ps=") and not one.startswith("ps=;") for one in told.all("Set-Cookie"))


def statuses(told: list[Told]) -> Counter[int]:
    """How often each status came."""
    return Counter(one.status for one in told)


@requirement("LNK-07")
def test_of_64_equal_proofs_at_once_one_opens_a_visit_in_each_round(
    opened: Open, database: Database, keys: KeyRing
) -> None:
    ready = letters(database, keys, ROUNDS)
    with gathered(opened()) as people:
        for letter in ready:
            told = people.press(by_link(letter))
            assert statuses(told) == {PROVED: 1, REFUSED: AT_ONCE - 1}
            assert [one.first("Location") for one in told if opens_a_visit(one)] == ["/status"]
            assert len({one.body for one in told if one.status == REFUSED}) == 1
    with database.read() as session:
        assert session.scalar(select(func.count()).where(LinkRequest.state == CONSUMED)) == ROUNDS
        assert session.scalar(select(func.count()).select_from(Visit)) == ROUNDS
        refused = select(func.count()).where(AuditEvent.kind == Event.PROOF_REFUSED)
        assert session.scalar(refused) == ROUNDS * (AT_ONCE - 1)


@requirement("LNK-07", "LNK-15")
def test_of_all_proofs_of_one_address_at_once_one_opens_a_visit(
    opened: Open, database: Database, keys: KeyRing
) -> None:
    times = rounds(2)
    ready = letters(database, keys, times, each=3)
    with gathered(opened()) as people:
        for three in zip(*[iter(ready)] * 3, strict=True):
            told = people.press(*map(by_link, three), *map(elsewhere, three), *map(by_code, three))
            assert set(statuses(told)) == {PROVED, REFUSED}
            assert sum(map(opens_a_visit, told)) == 1
    with database.read() as session:
        assert session.scalar(select(func.count()).where(Visit.ended_at.is_(None))) == times


@requirement("LNK-12")
def test_of_64_wrong_codes_at_once_five_are_counted_and_the_link_still_works(
    opened: Open, database: Database, keys: KeyRing
) -> None:
    (letter,) = letters(database, keys, 1)
    with gathered(opened()) as people:
        wrong = [by_code(letter, f"0000-{number:04}") for number in range(AT_ONCE)]
        assert statuses(people.press(*wrong)) == {REFUSED: AT_ONCE}
        assert tries(database, letter) == CODE_TRIES
        assert statuses(people.press(by_code(letter), elsewhere(letter))) == {REFUSED: AT_ONCE}
        assert sum(map(opens_a_visit, people.press(by_link(letter)))) == 1


@requirement("LNK-12")
def test_of_five_wrong_codes_at_once_none_goes_uncounted(opened: Open, database: Database, keys: KeyRing) -> None:
    ready = letters(database, keys, rounds(3))
    with gathered(opened(), size=CODE_TRIES) as people:
        for letter in ready:
            people.press(*(by_code(letter, f"0000-{number:04}") for number in range(CODE_TRIES)))
            assert tries(database, letter) == CODE_TRIES


@requirement("LNK-12")
def test_a_right_code_among_wrong_ones_opens_once_or_comes_too_late(
    opened: Open, database: Database, keys: KeyRing
) -> None:
    ready = letters(database, keys, rounds(1))
    with gathered(opened()) as people:
        for letter in ready:
            wrong = [by_code(letter, f"0000-{number:04}") for number in range(AT_ONCE // 4 - 1)]
            told = people.press(*wrong, by_code(letter))
            assert sum(map(opens_a_visit, told)) == statuses(told)[PROVED] <= 1
            assert tries(database, letter) <= CODE_TRIES


def tries(database: Database, letter: ReadyLetter) -> int | None:
    """How many wrong codes were counted."""
    with database.read() as session:
        return session.scalar(select(LinkRequest.code_tries).where(LinkRequest.public_id == letter.public_id))
