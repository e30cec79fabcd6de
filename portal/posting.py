"""Posting: the settings of letters on their way out of the house."""

from pathlib import Path
from typing import Literal, Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings


class Posting(BaseSettings):
    """Where letters go, by which relay, on how many lines and how fast."""

    postbox: Literal["smtp", "file", "memory"] = Field(
        default="smtp", description="where letters go: a mail server, files, nowhere"
    )
    letters: Path = Field(default=Path("letters"), description="folder of the `file` postbox")
    smtp_host: str | None = Field(default=None, description="the mail relay's name")
    smtp_port: int = Field(default=587, ge=1, le=65535, description="its port")
    smtp_security: Literal["starttls", "tls", "none"] = Field(
        default="starttls", description="how the relay is spoken to"
    )
    smtp_user: str | None = Field(default=None, description="the account at the relay, if it wants one")
    smtp_password: SecretStr | None = Field(default=None, description="its password")
    smtp_lines: int = Field(
        default=1,
        ge=1,
        le=64,
        description="lines to it that a worker keeps; one that is killed may repeat a letter on each",
    )
    smtp_timeout: float = Field(default=10, gt=0, le=60, description="seconds to wait for each answer of the relay")
    letters_per_second: float | None = Field(
        default=None,
        gt=0,
        description="no more of them than this, of all workers together; any number if not given",
    )

    @model_validator(mode="after")
    def _sends_letters_somewhere(self) -> Self:
        if self.postbox == "smtp" and not self.smtp_host:
            raise ValueError("PORTAL_SMTP_HOST is missing: letters need a mail server")
        if bool(self.smtp_user) != bool(self.smtp_password):
            raise ValueError("PORTAL_SMTP_USER and PORTAL_SMTP_PASSWORD go together: one of them is missing")
        if self.smtp_password and self.smtp_security == "none":
            raise ValueError("PORTAL_SMTP_SECURITY must not be none: the password would travel in the clear")
        return self
