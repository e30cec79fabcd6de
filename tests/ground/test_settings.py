"""The portal starts with whole settings or not at all, and names the variable that it misses."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from portal import config, create_app
from portal.config import HalfConfigured, Settings
from portal.sealing import KeyRing
from tests.requirements import requirement
from tests.servers.ground import EXAMPLE, MakeSettings

WHOLE = {
    "ENVIRONMENT": "development",
    "ORIGIN": "http://localhost",
    "INCIDENT": str(EXAMPLE),
    "SMTP_HOST": "smtp.example",
}
WRONG = [
    ("SMTP_HOST", None),
    ("POSTBOX", "pigeon"),
    ("ENVIRONMENT", "staging"),
    ("SMTP_PORT", "0"),
    ("SMTP_PORT", "65536"),
    ("SMTP_PORT", "mail"),
    ("SMTP_SECURITY", "ssl"),
    ("SMTP_TIMEOUT", "0"),
    ("SMTP_TIMEOUT", "-1"),
    ("SMTP_TIMEOUT", "61"),
    ("TRUSTED_PROXIES", "-1"),
    ("TRUSTED_PROXIES", "5"),
    ("LOG_LEVEL", "debug"),
    ("ANSWER_UNKNOWN", "perhaps"),
    ("DATABASE_URL", "mysql://database.example/portal"),
    ("DATABASE_URL", "portal.db"),
    ("DATABASE_URL", ""),
    ("DATABASE_URL", "postgresql://portal:canary@database.example:port/portal"),
    ("DATABASE_URL", "postgresql:portal:canary@database.example"),
    ("LIMITER_URL", "memcached://counter.example"),
    ("LIMITER_URL", "nowhere"),
    ("LIMITER_URL", "redis://portal:canary/@counter.example"),
    ("SMTP_USER", "portal"),
    ("SMTP_PASSWORD", "canary"),
    ("KEYS_FILE", "elsewhere.json"),
    ("INCIDENT", "elsewhere.toml"),
    ("ORIGIN", "http://portal.example"),
    ("ORIGIN", "localhost"),
]


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: MakeSettings) -> Path:
    """An instance folder with keys, named in the environment together with whole settings."""
    folder = tmp_path / "instance"
    for name, value in WHOLE.items():
        monkeypatch.setenv(f"PORTAL_{name}", value)
    return folder


def start() -> None:
    create_app(config.load())


def test_whole_settings_start(instance: Path) -> None:
    start()
    assert config.load().instance == instance


@pytest.mark.parametrize(("name", "value"), WRONG, ids=lambda said: str(said) or "empty")
def test_a_wrong_or_missing_setting_stops_the_start_with_its_name(
    instance: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str | None
) -> None:
    monkeypatch.delenv(f"PORTAL_{name}", raising=False)
    if value is not None:
        monkeypatch.setenv(f"PORTAL_{name}", value)
    with pytest.raises(HalfConfigured) as stopped:
        start()
    assert f"PORTAL_{name}" in stopped.value.message
    assert "canary" not in stopped.value.message


def test_every_fault_is_named_at_once(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_SMTP_PORT", "mail")
    monkeypatch.setenv("PORTAL_LOG_LEVEL", "loud")
    with pytest.raises(HalfConfigured, match=r"(?s)PORTAL_SMTP_PORT.*PORTAL_LOG_LEVEL"):
        start()


@pytest.mark.parametrize("postbox", ["file", "memory"])
def test_production_keeps_no_letter_readable(instance: Path, monkeypatch: pytest.MonkeyPatch, postbox: str) -> None:
    monkeypatch.setenv("PORTAL_ENVIRONMENT", "production")
    monkeypatch.setenv("PORTAL_POSTBOX", postbox)
    with pytest.raises(HalfConfigured, match="PORTAL_POSTBOX must be smtp in production"):
        start()


def test_production_is_encrypted(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_ENVIRONMENT", "production")
    with pytest.raises(HalfConfigured, match="must begin with https"):
        start()


def test_a_password_never_travels_in_the_clear(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("USER", "portal"), ("PASSWORD", "canary"), ("SECURITY", "none")):
        monkeypatch.setenv(f"PORTAL_SMTP_{name}", value)
    with pytest.raises(HalfConfigured, match="PORTAL_SMTP_SECURITY") as stopped:
        start()
    assert "canary" not in stopped.value.message


@requirement("OPS-07")
@pytest.mark.parametrize("damage", ["", "{}", '{"current": 1, "keys": {"1": "c2hvcnQ="}}'])
def test_a_damaged_key_file_stops_the_start_with_the_variables_name(instance: Path, damage: str) -> None:
    (instance / "keys.json").write_text(damage)
    with pytest.raises(HalfConfigured, match="PORTAL_KEYS_FILE"):
        start()


@requirement("OPS-07")
def test_a_missing_key_file_stops_the_start_and_tells_how_to_make_one(instance: Path) -> None:
    (instance / "keys.json").unlink()
    with pytest.raises(HalfConfigured, match=r"(?s)PORTAL_KEYS_FILE.*flask keys new"):
        start()


def test_a_variable_wins_over_the_file(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (instance / "settings.toml").write_text('smtp_port = 2525\nlog_level = "ERROR"\n')
    monkeypatch.setenv("PORTAL_LOG_LEVEL", "DEBUG")
    assert (config.load().smtp_port, config.load().log_level) == (2525, "DEBUG")


@pytest.mark.parametrize(
    ("text", "named"), [("smtp_prot = 2525", "PORTAL_SMTP_PROT"), ('smtp_host = "', "settings.toml")]
)
def test_a_file_with_a_slip_stops_the_start(instance: Path, text: str, named: str) -> None:
    (instance / "settings.toml").write_text(text)
    with pytest.raises(HalfConfigured, match=named):
        start()


def test_settings_cannot_be_changed_later(settings: MakeSettings) -> None:
    with pytest.raises(ValidationError):
        settings().postbox = "smtp"  # type: ignore[misc]


def test_no_print_of_the_settings_shows_a_secret(settings: MakeSettings) -> None:
    said: Settings = settings(rehearsal_key="canary", smtp_user="portal", smtp_password="canary")
    assert "canary" not in repr(said)


def test_no_key_is_made_by_starting(instance: Path, keys: KeyRing) -> None:
    start()
    assert (instance / "keys.json").read_text() == keys.written()
