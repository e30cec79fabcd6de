"""What cannot be started here is read: compose, image and units name what exists, and share no more than they must."""

import re
import shutil
import subprocess
from configparser import ConfigParser
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from portal import rooms
from portal.config import ROOT, Settings
from portal.incident.brands import fault_of_origin
from portal.web.health import PROBES
from tests.requirements import requirement

DEPLOYMENT = ROOT / "portal" / "deployment"
UNITS = sorted((DEPLOYMENT / "systemd").glob("*.service"))
SAID = {"OWNER": "1000:1000", "DATABASE_PASSWORD": "secret", "HOSTS": "incident.example", "CERTIFICATES": "./tls"}
WANTED = re.compile(r"\$\{(\w+)(?::\?[^}]*)?\}")
OURS = ("upgrade", "web", "worker")
SINGLE = {command.name for command in rooms.COMMANDS if not isinstance(command, click.Group)}
COMMANDS = {command.name or "": list(getattr(command, "commands", ())) for command in rooms.COMMANDS}
MADE = ("settings.toml", "incident", "keys.json", "audit-keys.json", "anchors")


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The compose file, its words filled in."""
    text = WANTED.sub(lambda found: SAID[found[1]], (ROOT / "compose.yaml").read_text())
    held: dict[str, Any] = yaml.safe_load(text)
    return held


def mounted(service: dict[str, Any]) -> dict[str, str]:
    """What a service sees of this folder, and where."""
    return dict(volume.split(":")[:2] for volume in service.get("volumes", []))


def test_compose_runs_web_worker_and_what_they_lean_on(compose: dict[str, Any]) -> None:
    services = compose["services"]
    assert set(services) == {*OURS, "database", "counter", "front"}
    assert [name for name, service in services.items() if "ports" in service] == ["front"]
    leaned = {name for service in services.values() for name in service.get("depends_on", {})}
    assert leaned <= set(services)
    # Over IPv6 Docker's own address would stand for every visitor.
    assert [port for port in services["front"]["ports"] if not port.startswith("0.0.0.0:")] == []
    networks = {name for service in services.values() for name in service["networks"]}
    assert networks == set(compose["networks"])
    assert [services[name]["networks"] for name in ("database", "counter")] == [["inside"]] * 2


def test_compose_says_settings_that_the_portal_takes(compose: dict[str, Any]) -> None:
    for name in OURS:
        said = compose["services"][name]["environment"]
        fields = {key.removeprefix("PORTAL_").lower(): value for key, value in said.items()}
        assert set(fields) <= set(Settings.model_fields)
        taken = Settings(smtp_host="smtp.example", **fields)
        assert (taken.trusted_proxies, taken.web_processes > 1) == (1, True)
        assert {taken.database_url.split("@")[1].split("/")[0], "counter"} <= set(compose["services"])  # type: ignore[union-attr]


def test_whoever_looks_after_the_portal_asks_for_its_health(compose: dict[str, Any]) -> None:
    asked = re.findall(r"http://127.0.0.1:8000(/\w+)", str(compose["services"]["web"]["healthcheck"]["test"]))
    asked += re.findall(r"location = (/\w+z) \{\s+proxy_pass", (DEPLOYMENT / "nginx.conf.template").read_text())
    assert (len(asked), set(asked) <= set(PROBES)) == (2, True)


@requirement("OPS-07")
def test_only_the_worker_has_the_trails_ring(compose: dict[str, Any]) -> None:
    having = [
        name
        for name, service in compose["services"].items()
        if any("audit" in path or path.rstrip("/").endswith("instance") for path in mounted(service))
    ]
    assert having == ["worker"]
    handed = [unit.stem for unit in UNITS if "LoadCredential=audit-keys.json" in unit.read_text()]
    assert handed == ["breach-portal-worker"]


def test_compose_mounts_what_exists_or_is_made(compose: dict[str, Any]) -> None:
    named = {path for service in compose["services"].values() for path in mounted(service) if path.startswith("./")}
    made = {f"./instance/{name}" for name in MADE} | {SAID["CERTIFICATES"]}
    assert [path for path in named - made if not (ROOT / path).exists()] == []


def test_the_image_holds_the_portal_and_nothing_of_this_installation() -> None:
    lines = (ROOT / "Dockerfile").read_text().splitlines()
    copied = [line.split()[1] for line in lines if line.startswith("COPY")]
    assert [name for name in copied if not (ROOT / name).exists()] == []
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    allowed = [line.removeprefix("!") for line in ignored if line.startswith("!")]
    assert (ignored[0], sorted(allowed)) == ("*", sorted(copied))
    assert not any(fnmatch("instance", name) for name in allowed)
    users = [line.split()[1] for line in lines if line.startswith("USER")]
    assert users
    assert "0" not in users[-1].split(":")


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_starts_what_the_portal_has(unit: Path, tmp_path: Path) -> None:
    read = ConfigParser(strict=False, interpolation=None)
    read.optionxform = str  # type: ignore[assignment, method-assign]
    read.read(unit)
    program = read["Service"]["ExecStart"].split()
    assert Path(program[0]).name in {"flask", "gunicorn"}
    named = re.findall(r"PORTAL_(\w+)=", unit.read_text())
    assert {name.lower() for name in named} <= set(Settings.model_fields)
    if judge := shutil.which("systemd-analyze"):
        # Its programs are not on this machine, so it judges the rest with another one.
        judged = tmp_path / unit.name
        judged.write_text(unit.read_text().replace(program[0], "/bin/true"))
        said = subprocess.run([judge, "verify", "--man=no", judged], capture_output=True, text=True, check=False)
        assert [line for line in said.stderr.splitlines() if unit.name in line] == []


SHELTER = re.compile(r"(?:Protect|Private|Restrict|SystemCall|NoNew|Lock|RemoveIPC|Capability|LimitCORE|UMask)\w*=.*")


@requirement("OPS-07")
def test_every_unit_has_the_same_shelter() -> None:
    first, *others = (SHELTER.findall(unit.read_text()) for unit in UNITS)
    assert "SystemCallFilter=@system-service" in first
    assert [held for held in others if held != first] == []


def test_whoever_starts_the_web_hears_whether_it_listens_and_a_small_machine_can_reload_it() -> None:
    web = (DEPLOYMENT / "systemd" / "breach-portal-web.service").read_text()
    assert "\nType=notify\n" in web
    # Debian's /bin/kill is of a package that not every machine has; the shell's own is everywhere.
    programs = re.findall(r"^Exec\w+=(\S+)", "".join(unit.read_text() for unit in UNITS), re.MULTILINE)
    assert [one for one in programs if not one.startswith("/opt/breach-portal/") and one != "/bin/sh"] == []


def test_what_compose_is_told_to_mount_for_one_command_is_a_whole_path() -> None:
    # `docker compose run` took a path that begins with a dot for the name of a volume, up to version 2.26 at least.
    mounts = re.findall(r"docker compose run .*--volume (\S+)", (DEPLOYMENT / "README.md").read_text())
    assert mounts
    assert [mount for mount in mounts if not mount.startswith('"$PWD/')] == []


def test_the_pages_of_deployment_name_what_exists() -> None:
    text = (DEPLOYMENT / "README.md").read_text()
    assert {name.lower() for name in re.findall(r"PORTAL_([A-Z_]+)", text)} <= set(Settings.model_fields)
    files = re.findall(r"portal/deployment/[\w./-]*\w", text + (ROOT / "README.md").read_text())
    assert files
    assert [file for file in files if not (ROOT / file).exists()] == []
    said = {" ".join(words.split()[:2]) for words in re.findall(r"flask ([a-z]+(?: [a-z]+)?)", text)}
    known = {f"{name} {inner}".strip() for name, held in COMMANDS.items() for inner in ["", *held]}
    assert {words for words in said if words not in known and words.split()[0] not in SINGLE} == set()
    origins = re.findall(r"https://[\w.-]+\.example", text)
    assert [origin for origin in origins if fault_of_origin(origin)] == []
