"""Everything at once: a row of each kind that is sealed or looked up by, around amara, all under one key."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cases import four_words, messages
from portal.cases.case import ADDRESS, CONTACT, Case
from portal.cases.proofing import NEW, OLD, AddressChange
from portal.database import Database
from portal.enrolment.grants import Grant
from portal.identity import helpers, links
from portal.identity.addresses import read
from portal.identity.customers import ADDRESS_INDEX, REFERENCE_INDEX, Customer
from portal.identity.helpers import Relation, Scope
from portal.identity.visits import Visit
from portal.lookups import looks
from portal.lookups.looks import Looker
from portal.mail import outbox, suppressions
from portal.mail.outbox import Letter
from portal.members import member
from portal.members.codes import SEALED, MemberCodes
from portal.members.member import Member, Newcomer
from portal.members.roles import Role
from portal.reset.stores.database import Credential
from portal.reset.stores.turns import StoreTurn
from portal.sealing import KeyRing
from portal.tokens import fresh_id
from tests import cast
from tests.enrolment.bench import some_codes, stock_up
from tests.servers.ground import MORNING as NOW

ORIGIN, PLACE = "http://localhost", {"origin": "http://localhost", "locale": "en"}
AMARA = read(cast.AMARA.address)
LATER = NOW + timedelta(days=30)


def fill(database: Database, keys: KeyRing) -> None:
    """Let the cast have moved in, and all of it have happened to amara."""
    cast.settle(database, keys)
    stock_up(database, keys, some_codes(3))
    with database.write() as session:
        accounts = select(Customer).where(Customer.email_index == keys.mac(ADDRESS_INDEX, AMARA.canonical))
        amara = session.scalars(accounts.order_by(Customer.id)).all()[0]
        chen = member.add(session, keys, Newcomer("Chen", "Chen@stagelight.example", frozenset({Role.AGENT})), now=NOW)
        sealed = keys.seal(SEALED, chen.id, "A" * 32)
        session.add(MemberCodes(member_id=chen.id, secret_sealed=sealed, ends_at=LATER, last_step=1))
        case = _case(session, keys)
        _change(session, keys, amara, case)
        _doings(session, keys, amara)
        _helped(session, keys, amara, chen)
        _remembered(session, keys, amara)


def _case(session: Session, keys: KeyRing) -> Case:
    row = fresh_id()
    case = Case(id=row, number="K7M2P9QX", key_id=keys.current, reason="other", brand="stagelight-uk", **PLACE)
    case.phrase_digest, case.opened_at, case.due_at = keys.mac("phrase", "said"), NOW, NOW
    case.email_index = keys.mac(ADDRESS_INDEX, AMARA.canonical)
    case.email_sealed, case.contact_sealed = keys.seal(ADDRESS, row, AMARA.stored), keys.seal(CONTACT, row, "elsewhere")
    case.mailbox = keys.mac(links.MAILBOX, AMARA.mailbox)
    session.add(case)
    session.flush()
    messages.add(session, keys, row, 1, kind=messages.CUSTOMER, author="customer", text="I am stuck.", now=NOW)
    return case


def _change(session: Session, keys: KeyRing, amara: Customer, case: Case) -> None:
    row = fresh_id()
    new = {
        "new_index": keys.mac(ADDRESS_INDEX, "amara@new.example"),
        "new_sealed": keys.seal(NEW, row, "a@new.example"),
    }
    change = AddressChange(id=row, case_id=case.id, customer_id=amara.id, agent="x", key_id=keys.current, **new)
    change.started_at, change.old_sealed = NOW, keys.seal(OLD, row, AMARA.stored)
    session.add(change)


def _doings(session: Session, keys: KeyRing, amara: Customer) -> None:
    asked: dict[str, Any] = {"cookie": "x" * 50, "browser": "Firefox", "host": "h", "network": "n", "now": NOW, **PLACE}
    request = links.new_request(keys, address=AMARA.stored, **asked)
    request.mailbox, request.email_index = keys.mac(links.MAILBOX, AMARA.mailbox), amara.email_index
    session.add(request)
    session.flush()
    letter = Letter(kind="link", about=request.id, priority=0, mailbox=request.mailbox, **PLACE)
    outbox.enqueue(session, keys, letter, to=AMARA.stored, content={}, domain="localhost", now=NOW)
    visit = Visit(cookie_digest=keys.mac("visit cookie", "x"), key_id=keys.current, email_index=amara.email_index)
    visit.link_request_id, visit.proved_by = request.id, "code"
    visit.proved_at = visit.seen_at = visit.ends_at = NOW
    session.add(visit)
    four_words.give(session, keys, amara.email_index, visit=visit.id, now=NOW)


def _helped(session: Session, keys: KeyRing, amara: Customer, chen: Member) -> None:
    by = {"until": LATER, "by": "x", "now": NOW}
    helpers.write_down(session, keys, amara.id, Relation.CARER, [Scope.ANSWER], read(cast.FATOU.address), **by)
    looker = Looker(chen.id, "agent", "asked")
    looks.note_act(session, keys, looker, amara.id, looks.LINK, fresh_id(), "She rang.", now=NOW)


def _remembered(session: Session, keys: KeyRing, amara: Customer) -> None:
    suppressions.suppress(session, keys.mac(links.MAILBOX, AMARA.mailbox), suppressions.DECEASED, now=NOW)
    account = keys.mac(REFERENCE_INDEX, amara.brand, "amara-0")
    session.add_all([Credential(account=account), StoreTurn(account=account)])
    session.add(
        Grant(
            key_id=keys.current,
            email_index=amara.email_index,
            offer="monitoring",
            asked_at=NOW,
            granted_at=NOW,
            **PLACE,
        )
    )
