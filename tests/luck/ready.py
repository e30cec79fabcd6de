"""Letters that were handed over already: rows with secrets that the test knows, and no worker needed."""

from dataclasses import dataclass
from datetime import UTC, datetime

from portal.database import Database
from portal.identity import links
from portal.identity.addresses import read
from portal.identity.customers import ADDRESS_INDEX
from portal.sealing import KeyRing
from portal.tokens import fresh_code, fresh_token, show_code
from tests.cast import Account, Person, settle


@dataclass(frozen=True)
class ReadyLetter:
    """The secrets of one letter, and the cookie of the browser that asked for it."""

    public_id: str
    token: str
    code: str
    cookie: str


def letters(database: Database, keys: KeyRing, count: int, *, each: int = 1) -> list[ReadyLetter]:
    """Letters to so many customers, `each` of them to everyone, one customer after the other."""
    people = [Person(f"customer{number}", (Account(),)) for number in range(count)]
    settle(database, keys, *people)
    with database.write() as session:
        made = [_sent(keys, person) for person in people for _ in range(each)]
        session.add_all(request for request, _ in made)
    return [letter for _, letter in made]


def _sent(keys: KeyRing, person: Person) -> tuple[links.LinkRequest, ReadyLetter]:
    token, code, cookie = fresh_token(), fresh_code(), fresh_token()
    request = links.new_request(
        keys,
        address=person.address,
        cookie=cookie,
        origin="http://127.0.0.1",
        locale="en",
        browser="",
        host="127.0.0.1",
        network="127.0.0.0/24",
        now=datetime.now(UTC),
    )
    request.public_id = name = links.fresh_public_id()
    request.answered_at = request.sent_at = request.asked_at
    request.state, request.expires_at = links.SENT, request.asked_at + links.LIFETIME
    request.address_sealed, request.epoch = None, 1
    request.email_index = keys.mac(ADDRESS_INDEX, read(person.address).canonical)
    request.mailbox = keys.mac(links.MAILBOX, read(person.address).mailbox)
    request.token_digest = keys.mac(links.TOKEN, name, token)
    request.code_digest = keys.mac(links.CODE, name, code)
    return request, ReadyLetter(name, token, show_code(code), cookie)
