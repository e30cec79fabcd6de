"""`flask database upgrade` as operators run it: from nothing, two at once, and as somebody who may not."""

import pytest
from sqlalchemy import make_url, text

from portal import create_app
from portal.clock import now
from portal.database import Database
from portal.deployment.finding import Verdict
from portal.deployment.storage import database_findings
from portal.migrations import Standing, is_current
from tests.migrations.test_migrations import differences
from tests.requirements import requirement
from tests.servers.databases import url_of
from tests.servers.ground import MakeSettings
from tests.servers.postgresql import Postgresql
from tests.servers.processes import Install, Installation
from tests.servers.waiting import until

DONE = "The database has the tables of this version."


@pytest.fixture
def installation(install: Install, bare_database: Database) -> Installation:
    """An installation whose database has no table yet."""
    made = install()
    made.environment["PORTAL_DATABASE_URL"] = url_of(bare_database)
    return made


@requirement("ENG-01")
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_two_upgrades_at_once_make_each_table_once(installation: Installation, bare_database: Database) -> None:
    upgrades = [installation.start_command("database", "upgrade") for _ in range(2)]
    handles = [upgrade.handle for upgrade in upgrades]
    until(lambda: all(handle.poll() is not None for handle in handles), "both upgrades", seconds=60)
    assert [(handle.poll(), DONE in one.log()) for handle, one in zip(handles, upgrades, strict=True)] == [
        (0, True),
        (0, True),
    ], [one.log() for one in upgrades]
    assert differences(bare_database) == []
    with bare_database.engine.connect() as connection:
        assert is_current(connection)


@requirement("ENG-01")
@pytest.mark.parametrize("bare_database", ["postgresql"], indirect=True)
def test_whoever_has_no_rights_in_the_database_hears_so(
    settings: MakeSettings, bare_database: Database, worker_id: str
) -> None:
    nobody = f"nobody_{worker_id}"
    with bare_database.engine.begin() as connection:
        connection.execute(text(f"CREATE ROLE {nobody} LOGIN"))
    url = make_url(url_of(bare_database)).set(username=nobody).render_as_string(hide_password=False)
    portal = create_app(settings(database_url=url))
    try:
        said = portal.test_cli_runner().invoke(args=["database", "upgrade"])
        assert (said.exit_code, "may this user write there" in said.output) == (1, True), said.exception
    finally:
        portal.extensions["portal"].database.close()
        with bare_database.engine.begin() as connection:
            connection.execute(text(f"DROP ROLE {nobody}"))


@requirement("ENG-01")
@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN1"])
def test_a_database_that_cannot_keep_every_letter_is_left_alone(
    settings: MakeSettings, postgresql: Postgresql, encoding: str
) -> None:
    url = postgresql.create("garbled", f"TEMPLATE template0 ENCODING '{encoding}' LOCALE 'C'")
    app = create_app(settings(database_url=url))
    said = app.test_cli_runner().invoke(args=["database", "upgrade"])
    app.extensions["portal"].database.close()
    assert (said.exit_code, f"{Standing.GARBLED.fact}. {Standing.GARBLED.advice}" in said.output) == (1, True)
    database = Database(url)
    (told, *_) = database_findings(settings(database_url=url), database, now)
    database.close()
    assert (told.verdict, told.advice) == (Verdict.MEND, Standing.GARBLED.advice)
