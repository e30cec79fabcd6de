"""The provider: the company's sign-in over OpenID Connect, the only file that speaks to it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from requests import RequestException

from portal.members import vouching
from portal.members.sign_ons import NotVouched, Secrets, Vouched
from portal.members.vouching import KeyUnknown, Terms
from portal.spelling import is_private

PATIENCE = (3.0, 10.0)  # seconds to connect, and to wait for an answer
FRESH = timedelta(hours=1)
DISCOVERY = "/.well-known/openid-configuration"
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
# RFC 6749, section 5.2; anything else that it says may quote what we sent.
REFUSALS = ("invalid_request", "invalid_client", "invalid_grant", "unauthorized_client", "invalid_scope")


class ProviderAway(Exception):
    """The company's sign-in does not answer, or not as it should."""


@dataclass
class Provider:
    """What is known of it is read when it is first needed, and again after an hour."""

    terms: Terms
    secret: str = field(repr=False)
    back: str
    on_this_machine: bool = False
    patience: tuple[float, float] = PATIENCE
    _known: tuple[datetime, dict[str, Any], KeySet] | None = field(default=None, repr=False)

    def address(self, secrets: Secrets, *, now: datetime) -> str:
        """Where to send the browser; raises ProviderAway."""
        facts, _ = self._read(now)
        wanted = sorted(self.terms.acr & set(_words(facts, "acr_values_supported")))
        asked = {"acr_values": " ".join(wanted)} if wanted else {}
        address, _state = self._line(facts).create_authorization_url(
            facts["authorization_endpoint"],
            state=secrets.state,
            nonce=secrets.nonce,
            code_verifier=secrets.verifier,
            **asked,
        )
        return str(address)

    def vouch(self, code: str, secrets: Secrets, *, now: datetime) -> Vouched:
        """Whom the code that the browser brought back stands for; raises NotVouched or ProviderAway."""
        facts, keys = self._read(now)
        token = self._token(facts, code, secrets)
        try:
            return vouching.check(token, keys, self.terms, secrets.nonce, now=now)
        except KeyUnknown:
            self._known = None  # it has begun to use another key since
        try:
            return vouching.check(token, self._read(now)[1], self.terms, secrets.nonce, now=now)
        except KeyUnknown:
            raise NotVouched("token:unknown-key") from None

    def _token(self, facts: dict[str, Any], code: str, secrets: Secrets) -> dict[str, Any]:
        said = {"code": code, "code_verifier": secrets.verifier, "grant_type": "authorization_code"}
        try:
            with self._line(facts) as line:
                token = dict(line.fetch_token(facts["token_endpoint"], **said, **self._patiently))
        except OAuthError as error:
            raise NotVouched(f"code:{error.error if error.error in REFUSALS else 'refused'}") from None
        except (RequestException, ValueError) as error:
            raise ProviderAway(type(error).__name__) from None
        if "id_token" not in token:
            raise ProviderAway("no-id-token")
        return token

    def _read(self, now: datetime) -> tuple[dict[str, Any], KeySet]:
        if self._known is None or now - self._known[0] > FRESH:
            try:
                facts = self._get(self.terms.issuer.rstrip("/") + DISCOVERY)
                self._check(facts)
                keys = KeySet.import_key_set(self._get(facts["jwks_uri"]))
            except (RequestException, JoseError, ValueError, KeyError, TypeError, AttributeError) as error:
                raise ProviderAway(type(error).__name__) from None
            self._known = now, facts, keys
        return self._known[1:]

    def _check(self, facts: dict[str, Any]) -> None:
        # OpenID Connect Discovery 1.0, section 4.3: the issuer must be exactly the one that was asked.
        if facts["issuer"] != self.terms.issuer:
            raise ValueError("another issuer")
        if not all(is_private(facts[name], on_this_machine=self.on_this_machine) for name in ENDPOINTS):
            raise ValueError("not encrypted")

    def _get(self, address: str) -> Any:
        with self._line({}) as line:
            told = line.get(address, withhold_token=True, **self._patiently)
        if told.status_code != 200:
            raise ValueError(told.status_code)
        return told.json()

    @property
    def _patiently(self) -> dict[str, Any]:
        return {"timeout": self.patience, "allow_redirects": False}

    def _line(self, facts: dict[str, Any]) -> OAuth2Session:
        """A connection of its own for each conversation, so that no two people's tokens meet."""
        ways = _words(facts, "token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        return OAuth2Session(
            self.terms.client_id,
            self.secret,
            token_endpoint_auth_method="client_secret_basic" if "client_secret_basic" in ways else "client_secret_post",
            code_challenge_method="S256",
            redirect_uri=self.back,
            scope="openid email",
        )


def _words(facts: dict[str, Any], name: str) -> list[str]:
    said = facts.get(name)
    return [word for word in said if isinstance(word, str)] if isinstance(said, list) else []
