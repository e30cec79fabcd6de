"""A tour of what stands behind a second person or a hindrance: codes, changes of address, exports, bulk, refusals."""

from collections.abc import Callable

from sqlalchemy import select, update

from portal.approvals.proposals import Proposal
from portal.cases.proofing import APPLIED, AddressChange
from portal.cases.reasons import Reason
from portal.identity.customers import Customer
from portal.limits import SEARCHES_PER_MEMBER
from portal.lookups import searches
from portal.members.member import Member
from portal.members.roles import Role
from tests.cast import AMARA, EMRE
from tests.console.bench import Colleague, Office
from tests.console.cases import act, owned, place, take, written
from tests.console.mailbox_bench import Matter
from tests.console.records import act as press
from tests.console.records import search, sheet_of
from tests.console.test_bulk import order, rehearse
from tests.console.test_inbox import approve
from tests.enrolment.bench import reveal, some_codes, stock_up
from tests.reset.bench import NEW, set_password
from tests.visitor import InProcess, Visitor

Seat = Callable[..., Colleague]


def newest(office: Office) -> str:
    """Where the newest proposal is."""
    with office.database.read() as session:
        return f"/staff/approvals/{session.scalar(select(Proposal.id).order_by(Proposal.id.desc()).limit(1))}"


def replace_a_code(office: Office, agent: Colleague, lead: Colleague) -> None:
    """The sheet of somebody who has a code, and what can be done about that."""
    stock_up(office.database, office.keys, some_codes(2))
    emre = Visitor(InProcess(office.app.test_client()), office.mailbag, office.work)
    emre.arrive(EMRE.address)
    set_password(emre, NEW)
    reveal(emre)
    sheet = sheet_of(agent, EMRE)
    for said in ({"reason": ""}, {"reason": "code-told"}):
        agent.do(f"{sheet}/code", page=sheet, **said)
    agent.get(sheet)
    lead.get(newest(office))
    for reason in ("", "mistake"):
        agent.do(f"{sheet}/code/withdrawal", page=sheet, reason=reason)
    agent.do(f"{sheet}/cases", page=sheet, text="", about="")
    press(agent, sheet, "review")
    lead.get(sheet_of(lead, EMRE))
    press(agent, sheet, "silence", reason="")


def readdress(office: Office, agent: Colleague, leads: list[Colleague]) -> None:
    """A change of address from its beginning to a third person's look."""
    matter = Matter(office, agent, leads, Visitor(InProcess(office.app.test_client()), office.mailbag, office.work))
    names = {one.person.name for one in leads if one.person}
    with office.database.write() as session:
        others = update(Member).where(Member.roles == Role.APPROVER.value, Member.name.not_in(names))
        session.execute(others.values(disabled_at=office.clock()))  # so that the lot falls on one of these
    matter.begin(old=AMARA.address, brand="stagelight-uk", new="amara@new.example")
    matter.propose("letter")
    matter.propose(evidence=[])
    matter.propose()
    agent.get(matter.place)
    matter.drawn.get(newest(office))
    matter.approve(matter.drawn)
    office.work()
    for reason in ("", "money-at-risk"):
        agent.do(f"{matter.place}/hurry", fresh=True, reason=reason)
    for who in (agent, *leads):
        who.get(newest(office))
        who.get(matter.place)
    agent.do(f"{matter.place}/letter", fresh=True)
    office.clock.move(hours=73)
    office.work()
    with office.database.write() as session:
        session.execute(update(AddressChange).where(AddressChange.state == APPLIED).values(review_due=True))
    for who in (agent, *leads):
        who.sign_in()
        who.get(matter.place)
        who.get("/staff/mailboxes")


def answer_many(office: Office, agent: Colleague) -> None:
    """One answer to many: rehearsed, refused, ordered, done."""
    for _ in range(2):
        written(office, reason=Reason.CODE_FAILS)
    agent.get("/staff/desk/bulk")
    agent.post("/staff/desk/bulk", {**rehearse(agent), "counted": "x"})
    agent.post("/staff/desk/bulk", {**rehearse(agent), "counted": "7"})
    told = order(agent).location
    agent.get(told)
    office.work()
    agent.get(told)


def collide(office: Office, agent: Colleague, lead: Colleague) -> None:
    """A case that another has, one that is disputed, and every refusal of a step."""
    with office.database.read() as session:
        bo = session.scalars(select(Customer).where(Customer.brand == "stagelight-uk")).first()
    assert bo
    for reason in (Reason.RESULT_DISPUTED, Reason.FRAUD):
        case = owned(office, bo, "bo@mail.example", reason=reason)
        agent.get(place(case))
        take(agent, case)
        act(agent, case, "answers", text="See https://elsewhere.example/", why="explained")
        act(agent, case, "answers", text="", why="")
        act(agent, case, "decision", why="")
        act(agent, case, "merger", into="C-0000-0000")
        act(agent, case, "notes", note="Ours", version="99")
        act(agent, case, "notes", note="Ours")
        agent.get(f"{place(case)}?ready=we-fixed-it")
    lead.get(place(case))
    act(lead, case, "assignment", to="", why="")
    claimed = written(office, address="emre@mail.example")
    take(agent, claimed)
    agent.get(place(claimed))
    for reason in ("", "customer-asked"):
        act(agent, claimed, "uncovering", reason=reason)


def take_out(office: Office, admin: Colleague, lead: Colleague) -> None:
    """Tables that two people let out, and the pages about them."""
    for room, reason in (("lookups", "audit"), ("desk", "report")):
        day = (office.clock().date()).replace(day=1).isoformat()
        told = admin.do(f"/staff/{room}/exports", fresh=True, since=day, until=day, reason=reason)
        lead.get(told.location)
        approve(lead, told.location, fresh=True)
        lead.get(told.location)
    office.work()
    for path in ("/staff/lookups", "/staff/desk/exports", "/staff/approvals"):
        admin.get(path)


def be_refused(office: Office, agent: Colleague) -> None:
    """One search too many, and rooms of others."""
    assert agent.person
    with office.database.write() as session:
        for _ in range(SEARCHES_PER_MEMBER[0].amount):
            searches.begin(session, agent.person.id, "address", "customer-asked", now=office.clock())
    search(agent, "nobody@mail.example")
    for path in ("/staff/trail", "/staff/desk/views/00000000-0000-7000-8000-000000000000"):
        agent.get(path)


def tour(office: Office, seat: Seat) -> None:
    """All but the code; `seat` is how members come in."""
    agent, admin = seat("gert", Role.AGENT), seat("alba", Role.ADMIN, Role.AUDITOR)
    leads = [seat(name, Role.APPROVER) for name in ("lena", "lars")]
    for step in (
        lambda: answer_many(office, agent),
        lambda: collide(office, agent, leads[0]),
        lambda: readdress(office, agent, leads),
        lambda: take_out(office, *(one for one in (admin, leads[0]) if one.sign_in())),
        lambda: be_refused(office, agent),
    ):
        step()
