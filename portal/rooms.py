"""The rooms, the halls and the ground: a table of contents of the portal."""

from importlib import import_module

import click
from flask import Flask

from portal import clock, config, extensions, forgetting, jobs, networks
from portal.approvals import commands as approval_commands
from portal.approvals import door as approvals_door
from portal.audit import commands as audit_commands
from portal.backup import commands as backup_commands
from portal.cases import cancelling, mailbox, mine
from portal.cases import page as case_page
from portal.cases import routes as case_routes
from portal.cases.appointing import HELPER, PASSING
from portal.cases.door import CHANGE, SOONER
from portal.cases.door import EXPORT as CASES_EXPORT
from portal.cohort import commands as cohort_commands
from portal.cohort.door import REVISION
from portal.config import ROOT, HalfConfigured, Settings
from portal.console import routes as console
from portal.console import telling
from portal.deployment import commands as doctor_commands
from portal.deployment import plainly
from portal.deployment.plainly import Ways
from portal.enrolment import commands as code_commands
from portal.enrolment import figures as code_figures
from portal.enrolment import routes as enrolment_routes
from portal.enrolment.door import POOL, REPLACEMENT
from portal.extensions import Ground, limiter
from portal.gate import commands as gate_commands
from portal.gate import routes as gate_routes
from portal.identity import commands as key_commands
from portal.identity import figures as identity_figures
from portal.identity import helping, stopping
from portal.identity import routes as identity_routes
from portal.incident import commands as incident_commands
from portal.incident import door as incident_door
from portal.incident import holding
from portal.incident import routes as incident_routes
from portal.journey import routes as journey_routes
from portal.lookups.door import EXPORT
from portal.mail import figures as mail_figures
from portal.members import commands as member_commands
from portal.members import member
from portal.members.door import RECOVERY
from portal.migrations import commands as database_commands
from portal.reset import commands as reset_commands
from portal.reset import door as reset_door
from portal.reset import figures as reset_figures
from portal.reset import routes as reset_routes
from portal.web import (
    assets,
    bodies,
    caching,
    errors,
    fetch_metadata,
    filters,
    frame,
    headers,
    health,
    locales,
    metrics,
    origins,
    reports,
    requests_log,
)
from portal.web import commands as asset_commands

HALLS = (
    requests_log, metrics, headers, caching, health, origins, fetch_metadata, bodies, locales, filters, frame, assets,
    errors, reports, holding, reset_door,
)  # fmt: skip
ROOMS = (
    incident_routes, identity_routes, stopping, helping, reset_routes, enrolment_routes, case_routes, case_page, mine,
    mailbox, journey_routes, gate_routes,
)  # fmt: skip
FIGURES = (identity_figures.count, mail_figures.count, reset_figures.count, code_figures.count)
COMMANDS = (
    key_commands.keys, database_commands.database, audit_commands.audit, incident_commands.incident,
    cohort_commands.cohort, code_commands.codes, approval_commands.approvals, member_commands.members,
    reset_commands.store, reset_commands.blocklist, gate_commands.gate, backup_commands.backup, jobs.work_command,
    forgetting.retention, asset_commands.assets, doctor_commands.doctor,
)  # fmt: skip
KINDS = (REVISION, POOL, REPLACEMENT, RECOVERY, EXPORT, CASES_EXPORT, CHANGE, SOONER, HELPER, PASSING)


def create_app(settings: Settings | None = None, clock: clock.Clock = clock.now) -> Flask:
    """The application; raises HalfConfigured where something is missing that it cannot start without."""
    settings = settings or config.load()
    app = Flask("portal", static_folder=None, template_folder=str(ROOT / "templates"))
    extensions.init_app(app, held := Ground(settings, clock))
    networks.init_app(app, settings.trusted_proxies)
    approvals_door.init_app(app, KINDS, member.any_exist)
    requests_log.configure(settings.log_level)
    for command in COMMANDS:
        app.cli.add_command(command)
    if settings.environment == "development":
        # By name, so that production never loads it.
        import_module("portal.dev.workshop").init_app(app)
    missing = None
    try:
        held.check()
        _furnish(app)
    except HalfConfigured as error:
        # `flask keys new` and `flask incident check` must run before all is there; nothing may serve before.
        context = click.get_current_context(silent=True)
        if context is None or context.info_name == "run":
            raise
        missing = error
    plainly.guard(app.cli.commands, Ways(settings, lambda: held.database, missing))
    return app


def _furnish(app: Flask) -> None:
    """What serves: the incident, the halls, the rooms, and above them the console."""
    incident_door.init_app(app)
    for hall in HALLS:
        hall.init_app(app)
    metrics.watch(app, *FIGURES)
    limiter.init_app(app)
    app.extensions["may_enrol"] = journey_routes.what_comes_first
    app.extensions["looks"] = telling.looks_at
    app.extensions["after_reset"] = cancelling.by_reset
    for room in ROOMS:
        app.register_blueprint(room.door)
    console.init_app(app)
