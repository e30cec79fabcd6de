"""The `cognito` store: a user pool of Amazon Cognito, through boto3."""

import secrets
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from weakref import finalize

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    SSLError,
)

from portal.clock import Clock
from portal.config import Settings
from portal.reset.stores.protocol import (
    AccountKey,
    Need,
    Overtaken,
    PasswordRefused,
    Policy,
    Refusal,
    StoreAway,
    StoreBusy,
    StoredAccount,
    StoreUncertain,
)
from portal.reset.stores.wire import ANSWER_SECONDS, CONNECT_SECONDS

MUST_CHANGE = ("FORCE_CHANGE_PASSWORD", "RESET_REQUIRED")
ELSEWHERE = "EXTERNAL_PROVIDER"
NEEDS = {"Uppercase": Need.UPPER, "Lowercase": Need.LOWER, "Numbers": Need.DIGIT, "Symbols": Need.SYMBOL}
BUSY = ("TooManyRequestsException", "LimitExceededException", "ThrottlingException")
REFUSALS = {"InvalidPasswordException": Refusal.SIGNS, "PasswordHistoryPolicyViolationException": Refusal.USED}
NOT_ALLOWED = (
    "AccessDeniedException",
    "NotAuthorizedException",
    "UnrecognizedClientException",
    "ResourceNotFoundException",
)


@dataclass
class CognitoStore:
    """AdminSetUserPassword and AdminUserGlobalSignOut; never AdminResetUserPassword, which writes to the customer.

    The old access token outlives a new password, so signing out follows each. An expired account gets a password
    that nobody knows: Cognito has no other way to refuse the old one.
    """

    client: Any = field(repr=False)
    pool: str

    def __post_init__(self) -> None:
        """Whoever lets go of it leaves no connection open."""
        finalize(self, self.client.close)

    @property
    def policy(self) -> Policy:
        """What the pool asks for."""
        told = self._ask(self.client.describe_user_pool)["UserPool"]["Policies"]["PasswordPolicy"]
        needs = tuple(need for name, need in NEEDS.items() if told.get(f"Require{name}"))
        return Policy(told.get("MinimumLength", 0), needs=needs)

    def find(self, key: AccountKey) -> StoredAccount | None:
        """The account; Cognito does not say when its password was set."""
        try:
            told = self._ask(self.client.admin_get_user, key)
        except Overtaken:
            return None
        status = told["UserStatus"]
        return StoredAccount(status != ELSEWHERE, None, status in MUST_CHANGE, 0)

    def expire(self, key: AccountKey, *, before: datetime, epoch: int = 0) -> None:
        """Let the old password and all that is signed in open nothing any more."""
        with suppress(Overtaken):
            self._ask(self.client.admin_set_user_password, key, Password=_unknowable(), Permanent=False)
            self._ask(self.client.admin_user_global_sign_out, key)

    def release(self, key: AccountKey, *, epoch: int = 0) -> None:
        """The old password is gone: its owner sets a new one."""

    def set_password(self, key: AccountKey, password: str, *, epoch: int, now: datetime) -> None:
        """Set it for good, and sign out everywhere."""
        self._ask(self.client.admin_set_user_password, key, Password=password, Permanent=True)
        self._ask(self.client.admin_user_global_sign_out, key)

    def revoke(self, key: AccountKey, *, now: datetime, epoch: int = 0) -> None:
        """Sign out everywhere; a session that the owner began since ends too, for Cognito cannot tell them apart."""
        with suppress(Overtaken):
            self._ask(self.client.admin_user_global_sign_out, key)

    def check(self) -> list[str]:
        """Whether it may be asked at all, and what it cannot do."""
        said = ["Cognito cannot take a forced reset back: whose answer is withdrawn sets a new password all the same."]
        said.append("Access tokens that only their signature is checked of live on until they end: keep them short.")
        said.append("Cognito ends no change of address or number that waits; only who is signed in can give its code.")
        try:
            _ = self.policy
        except StoreAway:
            said.append("The pool is not reached, or its description may not be read (cognito-idp:DescribeUserPool).")
        return said

    def _ask(self, act: Callable[..., dict[str, Any]], key: AccountKey | None = None, **said: Any) -> dict[str, Any]:
        whom = {"Username": key.reference} if key else {}
        try:
            return act(UserPoolId=self.pool, **whom, **said)
        except ClientError as error:
            raise _fault_of(str(error.response.get("Error", {}).get("Code"))) from None
        except (ConnectTimeoutError, EndpointConnectionError, NoCredentialsError, SSLError):
            raise StoreAway from None
        except BotoCoreError:
            raise StoreUncertain from None


def open_store(settings: Settings, _clock: Clock) -> CognitoStore:
    """The store that the settings describe; credentials are found as AWS' own programs find them, if not given."""
    pool, own = settings.store_place or "", settings.store_authority
    secret = settings.store_secret.get_secret_value() if settings.store_secret else None
    # Tried once: what is to be tried again the worker knows best. Proxies of the environment see nothing.
    config = Config(
        connect_timeout=CONNECT_SECONDS,
        read_timeout=ANSWER_SECONDS,
        retries={"total_max_attempts": 1},
        proxies={},
        max_pool_connections=settings.store_lines + settings.web_threads,
    )
    client = boto3.session.Session().client(
        "cognito-idp",
        region_name=pool.partition("_")[0],
        endpoint_url=settings.store_url,
        aws_access_key_id=settings.store_user,
        aws_secret_access_key=secret,
        verify=str(settings.within(own)) if own else None,
        config=config,
    )
    return CognitoStore(client, pool)


def _unknowable() -> str:
    return f"{secrets.token_urlsafe(32)}aA1!"


def _fault_of(code: str) -> Exception:
    if code == "UserNotFoundException":
        return Overtaken()
    if code in REFUSALS:
        return PasswordRefused(REFUSALS[code])
    if code in BUSY:
        return StoreBusy()
    return StoreAway() if code in NOT_ALLOWED else StoreUncertain()
