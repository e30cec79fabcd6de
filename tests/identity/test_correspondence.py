"""Letters of this room: the same for everybody but for their secrets, minted once, and repeated word for word."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from flask import Flask
from sqlalchemy import select

from portal import jobs
from portal.database import Database
from portal.identity import links
from portal.identity.links import LinkRequest
from portal.mail import outbox
from portal.mail.outbox import Letter as LetterRow
from portal.mail.postboxes import Talk, Unavailable, Uncertain
from portal.mail.postboxes.memory import MemoryPostbox
from portal.sealing import KeyRing
from tests.cast import AMARA, BO, EMRE, FATOU
from tests.identity.bench import answer_all, everything, requests_of
from tests.letters import Letter
from tests.requirements import requirement
from tests.servers.app import Newcomer
from tests.servers.ground import StillClock
from tests.visitor import Visitor

pytestmark = pytest.mark.usefixtures("cast")

SECRETS = re.compile(r"(?<=#)[0-9a-z]{20}\.[0-9a-z]{50}|[0-9A-Z]{4}-[0-9A-Z]{4}(?![0-9A-Z])|(?<=<)[0-9a-z]{20}(?=@)")
BOUNDARY = re.compile(rb"={15}\d+==")


def masked(raw: bytes, address: str) -> str:
    """A letter without its secrets, its boundaries and its recipient."""
    whole = BOUNDARY.sub(b"===", raw).decode().replace(address, "somebody")
    return SECRETS.sub(lambda found: "~" * len(found[0]), whole)


@pytest.fixture
def raw(newcomer: Newcomer, postbox: MemoryPostbox, work: Callable[[], None]) -> dict[str, bytes]:
    """The letters to the three customers of the cast, as bytes."""
    for person in (AMARA, BO, EMRE):
        newcomer().ask(person.address)
    work()
    return dict(postbox.letters)


@requirement("ENU-06")
def test_letters_to_affected_and_unaffected_customers_differ_in_their_secrets_only(raw: dict[str, bytes]) -> None:
    assert len(raw) == 3
    assert len({masked(letter, address) for address, letter in raw.items()}) == 1
    heads = [Letter.parse(letter).message.keys() for letter in raw.values()]
    assert heads[0] == heads[1] == heads[2]
    assert len({Letter.parse(letter).subject for letter in raw.values()}) == 1


@requirement("ENU-06")
def test_their_sizes_differ_by_the_recipients_name_at_most(raw: dict[str, bytes]) -> None:
    sizes = [len(BOUNDARY.sub(b"===", letter)) for letter in raw.values()]
    assert max(sizes) - min(sizes) <= 32


@requirement("ENU-06")
def test_what_stands_in_the_queue_is_the_same_too(newcomer: Newcomer, database: Database, portal: Flask) -> None:
    for person in (AMARA, BO):
        newcomer().ask(person.address)
    answer_all(portal)
    rows = [row for table, row in everything(database) if table == "letter"]
    same = ("kind", "origin", "locale", "priority", "state", "takes", "refusals", "created_at", "due_at")
    assert len({tuple(row[name] for name in same) for row in rows}) == 1
    assert len({len(row["content_sealed"]) for row in rows}) == 1


@requirement("LNK-24")
@requirement("LNK-05")
def test_the_link_in_the_letter_is_the_one_that_was_made(
    raw: dict[str, bytes], database: Database, keys: KeyRing
) -> None:
    made = {request.public_id: request for request in requests_of(database)}
    for bytes_ in raw.values():
        letter = Letter.parse(bytes_)
        request = made[letter.public_id]
        assert letter.link == f"http://localhost/v?lang=en#{request.public_id}.{letter.token}"
        assert keys.mac(links.TOKEN, request.public_id, letter.token) == request.token_digest
        # In the bytes that travel: whole, on one line, unencoded; as text, as address, and as what is shown.
        assert bytes_.count(letter.link.encode()) == 3
        assert letter.html.count(f'href="{letter.link}"') == 1
        assert set(re.findall(r"/v\?lang=en#\w+\.(\w+)", letter.html)) == {letter.token}


@dataclass
class Watched:
    """A postbox that looks into the database before it takes or loses a letter."""

    database: Database
    troubles: list[Exception]
    offered: list[bytes] = field(default_factory=list)
    seen: list[tuple[LinkRequest, LetterRow]] = field(default_factory=list)

    def deliver(self, letter: bytes, *, sender: str, to: str) -> str:
        """Note what another process could see now."""
        self.offered.append(letter)
        with self.database.read() as session:
            self.seen.append((session.scalars(select(LinkRequest)).one(), session.scalars(select(LetterRow)).one()))
        if self.troubles:
            raise self.troubles.pop(0)
        return "250 kept"

    def talk(self, letter: bytes, *, sender: str, to: str) -> Talk:
        """The same in steps."""
        yield
        return self.deliver(letter, sender=sender, to=to)


@requirement("LNK-03")
def test_secrets_are_minted_once_and_stand_in_the_database_before_the_letter_leaves(
    visitor: Visitor, portal: Flask, clock: StillClock, database: Database
) -> None:
    visitor.ask(AMARA.address)
    [asked] = requests_of(database)
    assert (asked.token_digest, asked.code_digest, asked.stop_digest) == (None, None, None)
    postbox = Watched(database, [Unavailable("away"), Uncertain("broken")])
    answer, send, *_ = jobs.jobs(portal.extensions["portal"], portal.extensions["incident"], postbox)
    while answer.step():  # a slow machine needs more than one moment
        pass
    for _ in range(2):
        with pytest.raises(Unavailable):
            send.step()
        clock.move(minutes=5)
    assert send.step()
    assert len(postbox.offered) == 3
    assert len({BOUNDARY.sub(b"===", letter) for letter in postbox.offered}) == 1
    for request, letter in postbox.seen:
        assert letter.state == outbox.SENDING
        assert letter.content_sealed is not None
        assert None not in (request.token_digest, request.code_digest, request.stop_digest)
    assert len({request.token_digest for request, _ in postbox.seen}) == 1
    assert requests_of(database)[0].token_digest == postbox.seen[0][0].token_digest


@requirement("LNK-03")
def test_the_sealed_copy_is_erased_at_the_hand_over(
    visitor: Visitor, work: Callable[[], None], database: Database
) -> None:
    visitor.ask(AMARA.address)
    assert requests_of(database)[0].address_sealed is not None
    work()
    assert requests_of(database)[0].address_sealed is None
    assert [row["content_sealed"] for table, row in everything(database) if table == "letter"] == [None]


@requirement("ENU-08")
def test_a_stranger_is_told_once_a_day_that_there_is_no_account(
    visitor: Visitor, newcomer: Newcomer, clock: StillClock
) -> None:
    assert visitor.ask(FATOU.address).status == 303
    letter = visitor.letter(FATOU.address)
    assert "no account under this address" in letter.plain
    assert (letter.link, letter.code, letter.stop_link) == ("", "", "")
    for hours in (1, 22):
        clock.move(hours=hours, minutes=29)
        newcomer("198.51.100.9").ask(FATOU.address)
        newcomer("203.0.113.9").ask("Fa.Tou+again@mail.example")
        visitor.work()
    assert len(visitor.mailbag(FATOU.address)) == 1
    clock.move(minutes=3)
    visitor.ask(FATOU.address)
    assert visitor.letter(FATOU.address)
