"""Settings: one frozen object, read once from `instance/settings.toml` and over it `PORTAL_…` variables."""

import os
from pathlib import Path
from typing import Literal, Self

import click
from pydantic import Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from portal.outside import Outside
from portal.posting import Posting
from portal.spelling import Counter, DatabaseUrl, HookSecret, Networks, TwoMailboxes, is_private

ROOT = Path(__file__).resolve().parent.parent


class HalfConfigured(click.ClickException):
    """The portal will not start: names the setting and what to do about it."""


class Settings(Outside, Posting):
    """Every setting, its type and its default; the README's table says the same and is tested against this."""

    model_config = SettingsConfigDict(env_prefix="PORTAL_", frozen=True, extra="forbid")

    instance: Path = Field(
        default=ROOT / "instance", description="folder of everything that belongs to this installation"
    )
    environment: Literal["production", "development"] = Field(
        default="production",
        description="`development` allows plain http on this machine and opens the letter inbox page",
    )
    incident: Path = Field(default=Path("incident/incident.toml"), description="the incident file")
    origin: str | None = Field(
        default=None, description="one address for all brands, in place of those in the incident file"
    )
    console_origin: str | None = Field(
        default=None,
        description="the address of the staff console, on a host name of its own; without it there is no console",
    )
    console_networks: Networks | None = Field(
        default=None,
        description="networks that may see the console, such as `10.0.0.0/8 2001:db8::/32`; all if not given",
    )
    oidc_issuer: str | None = Field(
        default=None, description="the company's sign-in (OpenID Connect), by which members may enter the console too"
    )
    oidc_client_id: str | None = Field(default=None, description="what the company's sign-in calls the console")
    oidc_client_secret: SecretStr | None = Field(default=None, description="and the secret that it gave out for it")
    oidc_acr: str = Field(
        default="phr phrh", description="`acr` values that prove enough: one of these, or one of `PORTAL_OIDC_AMR`"
    )
    oidc_amr: str = Field(default="mfa", description="`amr` values that prove enough")
    database_url: DatabaseUrl | None = Field(
        default=None, description="SQLAlchemy URL; SQLite in the instance folder if not given"
    )
    limiter_url: Counter = Field(
        default="memory://", description="where web limits are counted; `redis://…` for several processes"
    )
    keys_file: Path = Field(default=Path("keys.json"), description="the key ring that `flask keys new` makes")
    audit_keys_file: Path = Field(
        default=Path("audit-keys.json"), description="the trail's own key ring; the worker's alone, never the web's"
    )
    backup_secret: SecretStr | None = Field(
        default=None, min_length=24, description="what locks the key rings in a backup; keep a copy off this machine"
    )
    anchors: Path = Field(default=Path("anchors"), description="folder where the worker writes the trail's anchors")
    officers: TwoMailboxes | None = Field(
        default=None, description="two mailboxes, with a comma between, that get each anchor of the trail by letter"
    )
    second_reviews: float = Field(
        default=0.2, ge=0, le=1, description="share of changed addresses that a third person looks at, by chance"
    )
    cases_kept: int = Field(default=180, ge=30, description="days for which a closed case can still be read")
    helpdesk_hook: str | None = Field(default=None, description="where a help-desk system hears of the steps of cases")
    helpdesk_secret: HookSecret | None = Field(
        default=None, description="what that is signed with: `whsec_` and at least 24 bytes in base64"
    )
    rehearsal_key: SecretStr | None = Field(
        default=None, description="opens the pages before the incident is published"
    )
    trusted_proxies: int = Field(default=0, ge=0, le=4, description="how many proxies of ours stand in front")
    web_processes: int = Field(
        default=1, ge=1, le=64, description="web processes; more than one needs a shared database and limiter"
    )
    web_threads: int = Field(
        default=48, ge=4, le=256, description="threads of a web process; a quarter may wait for hashing"
    )
    hashing: Literal["full", "surge"] = Field(
        default="full", description="argon2id: 64 MiB and t=3, or 19 MiB and t=2 in a storm"
    )
    answer_unknown: bool = Field(
        default=True, description="tell an unknown address, at most once a day, that it has no account"
    )
    metrics_token: SecretStr | None = Field(
        default=None, min_length=24, description="who brings it as a bearer may read `/metrics`; without it nobody may"
    )
    metrics_folder: Path | None = Field(
        default=None, description="where several web processes of one machine put their counts together"
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(default="INFO", description="how much is logged")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What is said in code wins over the environment, and that over the file."""
        folder = Path(os.environ.get("PORTAL_INSTANCE", ROOT / "instance"))
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, folder / "settings.toml")

    @model_validator(mode="after")
    def _suits_its_place(self) -> Self:
        if self.environment == "production" and self.postbox != "smtp":
            raise ValueError("PORTAL_POSTBOX must be smtp in production: other postboxes keep secrets readable")
        if self.web_processes > 1 and (self.database.startswith("sqlite") or self.limiter_url.startswith("memory")):
            raise ValueError(
                "PORTAL_WEB_PROCESSES above 1 needs PORTAL_DATABASE_URL (PostgreSQL) and PORTAL_LIMITER_URL"
            )
        return self

    @model_validator(mode="after")
    def _counts_together(self) -> Self:
        if self.web_processes > 1 and self.metrics_token and not self.metrics_folder:
            raise ValueError("PORTAL_METRICS_FOLDER is missing: several web processes must put their counts together")
        return self

    @model_validator(mode="after")
    def _knows_the_company(self) -> Self:
        given = {"ISSUER": self.oidc_issuer, "CLIENT_ID": self.oidc_client_id, "CLIENT_SECRET": self.oidc_client_secret}
        missing = [f"PORTAL_OIDC_{name}" for name, value in given.items() if not value]
        if missing and len(missing) < len(given):
            raise ValueError(f"{missing[0]} is missing: it goes together with the others of PORTAL_OIDC_…")
        if self.oidc_issuer and not self.console_origin:
            raise ValueError("PORTAL_OIDC_ISSUER needs PORTAL_CONSOLE_ORIGIN: members enter nowhere else")
        if self.oidc_issuer and not (self.oidc_acr.split() or self.oidc_amr.split()):
            raise ValueError("PORTAL_OIDC_AMR must name a value: who proves too little may not enter")
        return self

    @model_validator(mode="after")
    def _speaks_in_private(self) -> Self:
        self.check_store(on_this_machine=self.environment == "development")
        for name, url in (("OIDC_ISSUER", self.oidc_issuer), ("HELPDESK_HOOK", self.helpdesk_hook)):
            if url and not is_private(url, on_this_machine=self.environment == "development"):
                raise ValueError(f"PORTAL_{name} is not encrypted: it must begin with https")
        if bool(self.helpdesk_hook) != bool(self.helpdesk_secret):
            raise ValueError("PORTAL_HELPDESK_HOOK and PORTAL_HELPDESK_SECRET go together: one of them is missing")
        return self

    def within(self, path: Path) -> Path:
        """A path of a setting, taken from the instance folder unless it is absolute."""
        return self.instance / path

    @property
    def database(self) -> str:
        """The URL of the database."""
        return self.database_url or f"sqlite:///{self.instance / 'portal.db'}"

    @property
    def officer_addresses(self) -> tuple[str, ...]:
        """The two officers' mailboxes, or none."""
        return tuple(name.strip() for name in self.officers.split(",")) if self.officers else ()


def load() -> Settings:
    """The settings of this process; raises HalfConfigured with the variable's name."""
    try:
        return Settings()
    except ValidationError as error:
        told = [_told(fault["loc"], fault["msg"].removeprefix("Value error, ")) for fault in error.errors()]
    except (OSError, ValueError) as error:
        told = [f"settings.toml, which PORTAL_INSTANCE names the folder of: {error}"]
    faults = "\n  ".join(told)
    raise HalfConfigured(f"The settings are not complete (see the README, “Settings”):\n  {faults}")


def _told(place: tuple[int | str, ...], fault: str) -> str:
    return f"PORTAL_{'_'.join(map(str, place)).upper()}: {fault}" if place else fault
