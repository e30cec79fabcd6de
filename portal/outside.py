"""Outside: the settings of the identity store, where it is a system of the company's own."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings

from portal.spelling import is_private

# What each store cannot do without.
WANTS = {
    "ldap": ("url", "user", "secret", "place"),
    "scim": ("url", "secret"),
    "webhook": ("url", "secret"),
    "keycloak": ("url", "user", "secret", "place"),
    "cognito": ("url", "place"),
}


class Outside(BaseSettings):
    """Where the passwords of the company's customers live, and who the portal is there."""

    store: str = Field(default="database", description="where the passwords of the company's customers live")
    store_url: str | None = Field(
        default=None,
        description="the address of that store, as `ldaps://…` or `https://…`; no other is ever asked",
    )
    store_user: str | None = Field(default=None, description="who the portal is there: a distinguished name, a client")
    store_secret: SecretStr | None = Field(
        default=None, description="and its password, token or keys; several of a webhook with spaces between"
    )
    store_place: str | None = Field(
        default=None, description="where the accounts are in it: a base, a realm, a user pool"
    )
    store_name: str | None = Field(
        default=None,
        description="what it calls the field with your reference of an account; its usual one if not given",
    )
    store_authority: Path | None = Field(
        default=None, description="certificates that it is trusted by, if they are your own"
    )
    store_prehashed: bool = Field(
        default=False, description="send the `ldap` store a finished argon2id hash, where its own would be weaker"
    )
    store_lines: int = Field(default=4, ge=1, le=32, description="calls to it that the worker has open at a time")
    store_has_second_factor: bool = Field(
        default=False, description="the store asks for a second factor, so 8 characters do"
    )
    blocklist: Path | None = Field(
        default=None, description="the file of pwned passwords that `flask blocklist build` makes"
    )

    def check_store(self, *, on_this_machine: bool) -> None:
        """Raises ValueError where the store lacks a setting, or would be asked without encryption."""
        held = {"url": self.store_url, "user": self.store_user, "secret": self.store_secret, "place": self.store_place}
        for name in WANTS.get(self.store, ()):
            if not held[name]:
                raise ValueError(f"PORTAL_STORE_{name.upper()} is missing: the store “{self.store}” needs it")
        scheme = "ldaps" if self.store == "ldap" else "https"
        if self.store_url and not is_private(self.store_url, on_this_machine=on_this_machine, scheme=scheme):
            raise ValueError(f"PORTAL_STORE_URL is not encrypted: it must begin with {scheme}")
