"""A tour of the desk in one language: a case from first look to its end, one answer to many, and the figures."""

from portal.cases import templates
from portal.cases.case import show_number
from portal.cases.reasons import Reason
from portal.incident.file import Incident
from tests.cases.bench import SENTENCE
from tests.console.bench import Colleague, Office
from tests.console.cases import act, place, take, written

ANSWERING = "/staff/desk/bulk?reason=other&brand=&ready=we-fixed-it"


def desk(office: Office, agent: Colleague, lead: Colleague) -> set[str]:
    """Open every page; returns what is said there in no language of ours."""
    cases = [written(office, reason=reason) for reason in Reason]
    take(agent, cases[0])
    for path in ("/staff/desk", place(cases[0]), ANSWERING):
        agent.get(path)
    agent.get("/staff/desk?turn=never")
    act(agent, cases[0], "answers", text="", why="told")
    act(agent, cases[0], "record", account="", reason="")
    act(agent, cases[0], "closure", why="solved")
    claimed = written(office, address="emre@mail.example")
    take(agent, claimed)
    act(agent, claimed, "uncovering", reason="")
    agent.do("/staff/desk/views", page="/staff/desk", name="")
    agent.do("/staff/desk/views", page="/staff/desk", name="gita", only="mine")
    agent.get("/staff/desk")
    for path in ("/staff/desk/figures", place(cases[0]), place(cases[1])):
        lead.get(path)
    incident: Incident = office.app.extensions["incident"]
    numbers = {show_number(case.number) for case in (*cases, claimed)}
    ready = {templates.ready(code, name).title for name in templates.named() for code in incident.locales}
    texts = {
        templates.fill(incident, brand.id, code, "…", "we-fixed-it")
        for brand in incident.brands
        for code in incident.locales
    }
    return numbers | ready | texts | {SENTENCE, "/help", "/help/case", "/case", "e…@m…le"}
