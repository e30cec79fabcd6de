"""The whole tour of the console: whoever is needed is hired, and each page that they see is kept."""

from collections.abc import Callable, Iterator

import pytest

from portal.database import Database
from portal.mail.postboxes.memory import MemoryPostbox
from portal.members.roles import Role
from portal.sealing import KeyRing
from tests.cast import settle
from tests.console.bench import Colleague, Office
from tests.languages import deep_tour
from tests.languages.console_tour import decide, join, look_up, own_pages, readdress, speaks
from tests.languages.desk_tour import desk
from tests.letters import in_memory
from tests.members.bench import ORIGIN
from tests.members.stand_in import standing_in
from tests.reset.bench import give_passwords
from tests.servers.app import MakePortal
from tests.servers.company import CLIENT
from tests.servers.ground import StillClock

# Macros only.
PIECES = {"parts", "case_parts", "case_record", "desk_views", "export_parts", "record_parts", "record_acts"}


@pytest.fixture
def whole_office(
    make_portal: MakePortal,
    database: Database,
    keys: KeyRing,
    clock: StillClock,
    postbox: MemoryPostbox,
    work: Callable[[], None],
) -> Iterator[Office]:
    """Where members are hired and sit down; customers are known, and the company has a sign-in of its own."""
    settle(database, keys)
    give_passwords(database, keys)
    with standing_in() as company:
        app = make_portal(console_origin=ORIGIN, oidc_issuer=company.origin, **CLIENT)
        yield Office(app, database, keys, clock, in_memory(postbox), work)


def each_room(office: Office, locale: str, pages: dict[str, str]) -> set[str]:
    """Every room; returns what is said there in no language of ours."""

    def seat(name: str, *roles: Role) -> Colleague:
        return speaks(office, office.seat(name, *roles), pages, locale)

    dilys, chen = office.seat("dilys", Role.ADMIN, Role.AUDITOR), office.hire("chen", Role.AGENT)
    join(office, speaks(office, office.browser(), pages, locale), locale)
    decide(office, speaks(office, dilys, pages, locale), chen)
    ada, cleo = (seat(name, Role.AGENT) for name in ("ada", "cleo"))
    look_up(ada, dilys, cleo)
    readdress(office, seat("agent", Role.AGENT))
    own_pages(office, dilys)
    return desk(office, seat("gita", Role.AGENT), seat("hana", Role.APPROVER))


def everywhere(office: Office, locale: str) -> dict[str, str]:
    """Every page in every state, by what was asked for."""
    pages: dict[str, str] = {}

    def seat(name: str, *roles: Role) -> Colleague:
        return speaks(office, office.seat(name, *roles), pages, locale)

    deep_tour.replace_a_code(office, seat("ines", Role.AGENT), seat("juno", Role.APPROVER))
    each_room(office, locale, pages)
    deep_tour.tour(office, seat)
    return pages
