"""Vouching: what the company's sign-in says of a person; its signed token must be whole, ours, young and strong."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from portal.members.sign_ons import LIFETIME, NotVouched, Vouched

# Signatures that only the company's sign-in can make: never `none`, and never one by the secret that we hold too.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519")
LEEWAY = timedelta(minutes=1)  # how far two clocks may be apart
MAX_AGE = timedelta(minutes=5)  # how long ago the person may have proved it when the browser leaves us
OLDEST = MAX_AGE + LIFETIME  # and so when it comes back
TOO_WEAK = "too-weak"


class KeyUnknown(Exception):
    """The token is signed by a key that was not there when the keys were read."""


@dataclass(frozen=True)
class Terms:
    """Whose word counts, for whom, and what it must say: one of these acr values, or one of these amr values."""

    issuer: str
    client_id: str
    acr: frozenset[str]
    amr: frozenset[str]


def check(token: dict[str, Any], keys: KeySet, terms: Terms, nonce: str, *, now: datetime) -> Vouched:
    """Who the answer with this token vouches for; raises NotVouched or KeyUnknown.

    The proof must be of this moment (ASVS 5.0, 6.8.4): a member without a passkey may make the first one after it.
    """
    try:
        signed = jwt.decode(str(token.get("id_token", "")), keys, algorithms=ALGORITHMS)
        said = {"nonce": nonce, "client_id": terms.client_id, "access_token": token.get("access_token")}
        said["max_age"] = MAX_AGE
        wanted = {
            "iss": {"essential": True, "value": terms.issuer},
            "aud": {"essential": True, "value": terms.client_id},
        }
        claims = CodeIDToken(signed.claims, signed.header, wanted, said)
        claims.validate(int(now.timestamp()), int(LEEWAY.total_seconds()))
    except InvalidKeyIdError:
        raise KeyUnknown from None
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise NotVouched(f"token:{type(error).__name__}:{getattr(error, 'claim', None) or ''}".rstrip(":")) from None
    oldest = (now - OLDEST).timestamp()
    if not (claims["iat"] >= oldest and claims["auth_time"] >= oldest):
        raise NotVouched("token:too-old")
    if not _proves_enough(claims, terms):
        raise NotVouched(TOO_WEAK)
    return Vouched(terms.issuer, _subject(claims), _address(claims))


def _proves_enough(claims: dict[str, Any], terms: Terms) -> bool:
    acr, amr = claims.get("acr"), claims.get("amr") or []
    return (isinstance(acr, str) and acr in terms.acr) or any(isinstance(one, str) and one in terms.amr for one in amr)


def _subject(claims: dict[str, Any]) -> str:
    subject = claims["sub"]
    if not isinstance(subject, str) or not 0 < len(subject) <= 255:  # OpenID Connect Core 1.0, section 2
        raise NotVouched("token:no-subject")
    return subject


def _address(claims: dict[str, Any]) -> str:
    address = claims.get("email")
    if not isinstance(address, str) or claims.get("email_verified") is not True:
        raise NotVouched("address-unverified")
    if not address.isascii():  # letters that only look alike must not become somebody else's address
        raise NotVouched("address-unusual")
    return address
