"""Made-up people: accounts by the thousand, some with an old password and a proven visit."""

from datetime import UTC, datetime

from portal.database import Database
from portal.identity import links, visits
from portal.identity.addresses import read
from portal.identity.customers import ADDRESS_INDEX, REFERENCE_INDEX
from portal.reset.hashing import PROFILES
from portal.reset.stores.database import Credential
from portal.sealing import KeyRing
from tests.cast import Account, Person, settle

LONG_AGO = datetime(2017, 3, 1, tzinfo=UTC)
ACCOUNT = Account()
OLD = "a horse on the old stage"


def settled(database: Database, keys: KeyRing, count: int) -> list[Person]:
    """So many customers with one account each."""
    people = [Person(f"customer{number}", (ACCOUNT,)) for number in range(count)]
    settle(database, keys, *people)
    return people


def asked(keys: KeyRing, address: str, number: int, now: datetime) -> links.LinkRequest:
    """A request as the asking page writes it, from a host in a network of its own."""
    network = f"10.{number >> 8 & 255}.{number & 255}.0"
    page = {"origin": "http://127.0.0.1:8000", "locale": "en", "browser": "Firefox"}
    return links.new_request(
        keys, address=address, cookie=f"{number:050}", host=f"{network}/32", network=f"{network}/24", now=now, **page
    )


def proven(database: Database, keys: KeyRing, people: list[Person], profile: str) -> list[str]:
    """Give each an old password and an open visit; returns the visits' cookies, as headers spell them."""
    now, hashed = datetime.now(UTC), PROFILES[profile].hash(OLD)
    cookies = []
    with database.write() as session:
        request = asked(keys, people[0].address, 0, now)
        session.add(request)
        session.flush()
        for person in people:
            account = keys.mac(REFERENCE_INDEX, ACCOUNT.brand, f"{person.name}-0")
            session.add(Credential(account=account, password_hash=hashed, changed_at=LONG_AGO))
            request.email_index = keys.mac(ADDRESS_INDEX, read(person.address).canonical)
            cookies.append(f"ps={visits.open_visit(session, keys, request, 'link+code', now=now)}")
    return cookies
