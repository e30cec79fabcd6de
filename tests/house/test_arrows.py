"""Who leans on whom: imports point down only, and only doors know Flask."""

import ast
from collections.abc import Callable

from tests.house.sources import Source, portal, run_before

GROUND = {
    "config", "spelling", "clock", "tokens", "limits", "networks", "sealing", "database", "extensions", "work",
    "moments", "languages", "keyboard", "patience", "figures", "counters", "engines", "cells", "outside", "punctual",
    "crew", "pouring", "posting", "keyed", "resealing", "retention", "turns",
}  # fmt: skip
ROOMS = {"incident", "identity", "cohort", "reset", "enrolment", "cases", "journey", "lookups"}

# Each room and what it may see besides itself, from the ground up; what is not named here has no place yet.
MAY_SEE: dict[str, set[str]] = {
    "config": {"outside", "posting", "spelling"},
    "outside": {"spelling"},
    "posting": set(),
    "spelling": set(),
    "clock": set(),
    "tokens": set(),
    "limits": set(),
    "networks": set(),
    "work": set(),
    "moments": set(),
    "keyboard": set(),
    "languages": {"config"},
    "patience": set(),
    "punctual": set(),
    "cells": set(),
    "crew": set(),
    "pouring": {"database"},
    "figures": set(),
    "counters": set(),
    "engines": {"patience"},
    "sealing": {"tokens"},
    "keyed": {"database"},
    "resealing": {"keyed", "database", "sealing"},
    "turns": {"engines"},
    "database": {"clock", "engines", "turns"},
    "extensions": {"config", "clock", "counters", "database", "limits", "networks", "sealing"},
    "retention": {"database"},
    "migrations": GROUND | {"schema"},  # env.py alone sees the schema
    "audit": GROUND,
    "approvals": GROUND | {"audit"},
    "mail": GROUND | {"audit"},
    "web": GROUND | {"audit", "mail", "migrations"},
    "members": GROUND | {"audit", "approvals", "mail", "web"},
    "incident": GROUND | {"audit", "mail", "web"},
    "identity": GROUND | {"audit", "approvals", "mail", "web", "incident"},
    "cohort": GROUND | {"audit", "approvals", "mail", "web", "incident", "identity"},
    "reset": GROUND | {"audit", "mail", "web", "incident", "identity"},
    "enrolment": GROUND | {"audit", "approvals", "mail", "web", "incident", "identity", "cohort"},
    "cases": GROUND | {"audit", "approvals", "mail", "members", "web", "incident", "identity", "cohort"},
    "journey": GROUND | {"audit", "mail", "web", "incident", "identity", "cohort", "reset", "enrolment"},
    "lookups": GROUND | {"audit", "approvals", "mail", "web", "members", "incident", "identity"},
    "backup": GROUND | {"audit", "migrations", "mail", "members", "identity", "enrolment", "gate"},
    "console": GROUND | {"audit", "approvals", "mail", "web", "members"} | ROOMS,
    "gate": GROUND | {"audit", "web", "incident", "identity", "reset"},
    "kinds": GROUND | {"audit", "approvals", "mail", "members"} | ROOMS,
    "forgetting": GROUND | {"audit", "mail", "members", "identity", "cases"},
    "jobs": GROUND | {"kinds", "forgetting", "audit", "approvals", "mail", "members", "gate"} | ROOMS,
    "schema": GROUND | {"audit", "approvals", "mail", "members", "gate"} | ROOMS,
    "deployment": GROUND | {"mail", "migrations", "incident", "identity", "reset", "gate"},
}
ABOVE_ALL = {"portal", "rooms", "dev"}

FLASK = {"flask", "flask_babel", "flask_limiter", "flask_openapi3", "flask_wtf", "werkzeug", "wtforms"}
DOORS = {"routes", "forms", "commands", "door"}
# Doors by another name: hooks around every page, the guard of visits, the second door of a room, the worker's.
ALSO_DOORS = {
    "cases/appointing", "cases/guards", "cases/mailbox", "cases/mine", "cases/page", "gate/access",
    "gate/description", "identity/helping", "identity/visits", "identity/stopping", "incident/holding",
    "incident/rehearsal", "extensions", "networks", "jobs", "kinds", "forgetting",
}  # fmt: skip
# What a room lets other rooms' doors lean on.
GUARDS = {
    "portal.approvals.door",
    "portal.cases.appointing",
    "portal.cases.door",
    "portal.enrolment.door",
    "portal.incident.door",
    "portal.identity.visits",
    "portal.lookups.door",
    "portal.members.door",
    "portal.reset.door",
}

COMMITS = {
    "approvals/carrying",
    "audit/keeping",
    "cases/reporting",
    "cohort/loading",
    "cohort/drafts",
    "enrolment/serving",
    "gate/cohorts",
    "mail/officers",
    "mail/worker",
    "reset/operating",
    "reset/stores/database",
    "reset/stores/turns",
}  # the worker and bulk imports commit a batch at a time


def place(source: Source) -> str:
    """The path within the portal, without its ending."""
    return source.name.removeprefix("portal/").removesuffix(".py")


def is_door(source: Source) -> bool:
    """Whether this file may know Flask."""
    room, name = source.room, place(source).rpartition("/")[2]
    return room in ABOVE_ALL | {"web", "console"} or name in DOORS or place(source) in ALSO_DOORS


def seen(source: Source) -> set[str]:
    """The portal's modules that it imports."""
    return {name for name in source.imports() if name.split(".")[0] == "portal"}


def faults(judge: Callable[[Source], object]) -> dict[str, object]:
    """What a rule finds, by file; nothing where all is well."""
    return {place(source): fault for source in portal() if (fault := judge(source))}


def test_imports_point_down() -> None:
    def above(source: Source) -> set[str]:
        rooms = {[*name.split("."), "portal"][1] for name in seen(source)} - {source.room}
        return set() if source.room in ABOVE_ALL else rooms - MAY_SEE.get(source.room, set())

    assert faults(above) == {}


def test_every_room_has_its_place() -> None:
    assert {source.room for source in portal()} - ABOVE_ALL == set(MAY_SEE)


def test_only_doors_know_flask() -> None:
    def knows(source: Source) -> set[str]:
        return set() if is_door(source) else {name.split(".")[0] for name in source.imports()} & FLASK

    assert faults(knows) == {}


def test_no_room_uses_the_door_of_another() -> None:
    doors = [source for source in portal() if is_door(source) and source.room not in {"web"} | GROUND]

    def foreign(source: Source) -> set[str]:
        own = ABOVE_ALL | {"jobs", "kinds", "schema"}
        others = {door.module for door in doors if door.room != source.room} - GUARDS
        return set() if source.room in own else seen(source) & others

    assert faults(foreign) == {}


def test_rules_do_not_lean_on_doors() -> None:
    doors = {source.module for source in portal() if is_door(source)} - {"portal"} - GUARDS
    assert faults(lambda source: source.room != "schema" and not is_door(source) and seen(source) & doors) == {}


def test_imports_stand_at_the_top() -> None:
    def late(source: Source) -> list[str]:
        within = [node for function in source.functions() for node in ast.walk(function)]
        return [ast.unparse(node) for node in within if isinstance(node, ast.Import | ast.ImportFrom)]

    assert faults(late) == {}


def test_there_is_no_circle_of_imports() -> None:
    arrows = {source.module: run_before(source.module, seen(source)) for source in portal()}
    done: set[str] = set()

    def walk(module: str, path: tuple[str, ...]) -> None:
        assert module not in path, " → ".join((*path, module))
        if module not in done:
            for further in arrows.get(module, set()):
                walk(further, (*path, module))
            done.add(module)

    for module in arrows:
        walk(module, ())


def test_only_the_clock_knows_the_time() -> None:
    words = ("datetime.now(", "datetime.utcnow(", "date.today(", "time.time(")
    assert faults(lambda source: source.room != "clock" and [word for word in words if word in source.text]) == {}


def test_only_one_file_speaks_smtp() -> None:
    assert list(faults(lambda source: "smtplib" in set(source.imports()))) == ["mail/postboxes/smtp"]


def test_the_door_commits_and_rules_never_do() -> None:
    def commits(source: Source) -> bool:
        allowed = is_door(source) or place(source) in COMMITS | {"database"}
        return ".commit()" in source.text or (".write()" in source.text and not allowed)

    assert faults(commits) == {}
