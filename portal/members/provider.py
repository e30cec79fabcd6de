"""The provider: the company's sign-in over OpenID Connect, the only file that speaks to it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from time import monotonic
from typing import Any

from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from requests import RequestException

from portal.members import vouching
from portal.members.sign_ons import NotVouched, Secrets, Vouched
from portal.members.vouching import MAX_AGE, KeyUnknown, Terms
from portal.punctual import Punctual
from portal.spelling import is_private

PATIENCE_SECONDS = 10.0  # for all that is asked while somebody waits, whatever it is and however it trickles in
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
    patience: float = PATIENCE_SECONDS
    _known: tuple[datetime, dict[str, Any], KeySet] | None = field(default=None, repr=False)

    def address(self, secrets: Secrets, *, now: datetime) -> str:
        """Where to send the browser; raises ProviderAway."""
        facts, _ = self._read(now, self._until)
        wanted = sorted(self.terms.acr & set(_words(facts, "acr_values_supported")))
        asked = {"acr_values": " ".join(wanted)} if wanted else {}
        address, _state = self._line(facts).create_authorization_url(
            facts["authorization_endpoint"],
            state=secrets.state,
            nonce=secrets.nonce,
            code_verifier=secrets.verifier,
            max_age=int(MAX_AGE.total_seconds()),
            **asked,
        )
        return str(address)

    def vouch(self, code: str, secrets: Secrets, *, now: datetime) -> Vouched:
        """Whom the code that the browser brought back stands for; raises NotVouched or ProviderAway."""
        until = self._until
        facts, keys = self._read(now, until)
        token = self._token(facts, code, secrets, until)
        try:
            return vouching.check(token, keys, self.terms, secrets.nonce, now=now)
        except KeyUnknown:
            self._known = None  # it has begun to use another key since
        try:
            return vouching.check(token, self._read(now, until)[1], self.terms, secrets.nonce, now=now)
        except KeyUnknown:
            raise NotVouched("token:unknown-key") from None

    @property
    def _until(self) -> float:
        return monotonic() + self.patience

    def _token(self, facts: dict[str, Any], code: str, secrets: Secrets, until: float) -> dict[str, Any]:
        said = {"code": code, "code_verifier": secrets.verifier, "grant_type": "authorization_code"}
        try:
            with self._line(facts, until) as line:
                token = dict(line.fetch_token(facts["token_endpoint"], allow_redirects=False, **said))
        except OAuthError as error:
            raise NotVouched(f"code:{error.error if error.error in REFUSALS else 'refused'}") from None
        except (RequestException, ValueError) as error:
            raise ProviderAway(type(error).__name__) from None
        if "id_token" not in token:
            raise ProviderAway("no-id-token")
        return token

    def _read(self, now: datetime, until: float) -> tuple[dict[str, Any], KeySet]:
        if self._known is None or now - self._known[0] > FRESH:
            try:
                facts = self._get(self.terms.issuer.rstrip("/") + DISCOVERY, until)
                self._check(facts)
                keys = KeySet.import_key_set(self._get(facts["jwks_uri"], until))
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

    def _get(self, address: str, until: float) -> Any:
        with self._line({}, until) as line:
            told = line.get(address, withhold_token=True, allow_redirects=False)
        if told.status_code != 200:
            raise ValueError(told.status_code)
        return told.json()

    def _line(self, facts: dict[str, Any], until: float = 0) -> OAuth2Session:
        """A connection of its own for each conversation, so that no two people's tokens meet."""
        ways = _words(facts, "token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        line = OAuth2Session(
            self.terms.client_id,
            self.secret,
            token_endpoint_auth_method="client_secret_basic" if "client_secret_basic" in ways else "client_secret_post",
            code_challenge_method="S256",
            redirect_uri=self.back,
            scope="openid email",
        )
        for scheme in ("http://", "https://"):
            line.mount(scheme, Punctual(until))
        return line


def _words(facts: dict[str, Any], name: str) -> list[str]:
    said = facts.get(name)
    return [word for word in said if isinstance(word, str)] if isinstance(said, list) else []
