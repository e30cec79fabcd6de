"""What the tests of the company's sign-in share: the portal that knows it, and an agent without a passkey."""

from datetime import UTC, datetime

import pytest
from flask import Flask

from portal.members.roles import Role
from tests.console.bench import Colleague, Office
from tests.members.bench import ORIGIN, Staff
from tests.servers.app import MakePortal
from tests.servers.company import Company
from tests.servers.ground import StillClock


@pytest.fixture
def portal(make_portal: MakePortal, company: Company, clock: StillClock) -> Flask:
    """The application, with a console and the company's sign-in, which knows the real time."""
    clock.moment = datetime.now(UTC)
    return make_portal(console_origin=ORIGIN, **company.settings)


@pytest.fixture
def chen(office: Office) -> Colleague:
    """A support agent without a passkey, at a browser."""
    colleague = office.browser()
    colleague.person = Staff(office.database, office.keys).hire("chen", Role.AGENT, now=office.clock())
    return colleague
