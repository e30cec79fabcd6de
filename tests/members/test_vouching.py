"""What the company's sign-in says of somebody counts only if the token is whole, ours, young, strong and verified."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey

from portal.members.sign_ons import NotVouched
from portal.members.vouching import KeyUnknown, Terms, check
from tests.requirements import requirement

ISSUER, CLIENT, NONCE = "https://sign-in.stagelight.example", "console", "n" * 64
KEY, OTHER = (ECKey.generate_key("P-256", {"kid": kid}, auto_kid=False) for kid in ("first", "first"))
KEYS = KeySet([KEY])
TERMS = Terms(ISSUER, CLIENT, frozenset({"phr"}), frozenset({"mfa"}))
NOW = datetime(2018, 7, 2, 8, tzinfo=UTC)
AT = int(NOW.timestamp())
SAID = {
    "iss": ISSUER, "aud": CLIENT, "sub": "chen-1", "iat": AT, "exp": AT + 300, "nonce": NONCE,
    "email": "chen@stagelight.example", "email_verified": True, "amr": ["pwd", "mfa"], "auth_time": AT,
}  # fmt: skip


def signed(key: Any = KEY, alg: str = "ES256", kid: str = "first", **claims: Any) -> dict[str, Any]:
    """What the token endpoint answers; a claim of None is left out."""
    told = {name: value for name, value in {**SAID, **claims}.items() if value is not None}
    return {"id_token": jwt.encode({"alg": alg, "kid": kid}, told, key, [alg]), "access_token": "whatever"}


@requirement("STF-02")
@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"amr": None, "acr": "phr"},
        {"aud": [CLIENT]},
        {"exp": AT - 59},
        {"iat": AT + 59},
        {"amr": ["mfa"]},
        {"auth_time": AT - 600},
    ],
    ids=str,
)
def test_a_good_token_says_who_came(claims: dict[str, Any]) -> None:
    vouched = check(signed(**claims), KEYS, TERMS, NONCE, now=NOW)
    assert (vouched.issuer, vouched.subject, vouched.address) == (ISSUER, "chen-1", "chen@stagelight.example")


WRONG: list[dict[str, Any]] = [
    {"iss": "https://elsewhere.example"},
    {"iss": None},
    {"aud": "another"},
    {"aud": []},
    {"aud": None},
    {"aud": [CLIENT, "another"]},  # without azp nobody knows whom it was meant for
    {"azp": "another"},
    {"sub": None},
    {"sub": ""},
    {"sub": 7},
    {"sub": "x" * 256},
    {"exp": AT - 61},
    {"exp": None},
    {"exp": "later"},
    {"iat": AT + 61},
    {"iat": AT - 601},
    {"iat": None},
    {"auth_time": AT - 601},
    {"auth_time": 0},
    {"auth_time": None},
    {"auth_time": str(AT)},
    {"auth_time": float("nan")},
    {"nbf": AT + 61},
    {"nonce": "m" * 64},
    {"nonce": None},
    {"at_hash": "wrong"},
    {"amr": None},
    {"amr": []},
    {"amr": ["pwd"]},
    {"amr": "mfa"},
    {"amr": [["mfa"]]},
    {"amr": None, "acr": "0"},
    {"amr": None, "acr": ["phr"]},
    {"email": None},
    {"email": ["chen@stagelight.example"]},
    {"email": "\u212aen@stagelight.example"},
    {"email_verified": False},
    {"email_verified": None},
    {"email_verified": "true"},
]


@requirement("STF-02")
@pytest.mark.parametrize("claims", WRONG, ids=str)
def test_a_token_that_says_less_is_refused_and_not_repeated(claims: dict[str, Any]) -> None:
    with pytest.raises(NotVouched) as refused:
        check(signed(**claims), KEYS, TERMS, NONCE, now=NOW)
    told = str(refused.value)
    assert not any(str(value) in told for value in {**SAID, **claims}.values() if isinstance(value, str) and value)
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


@requirement("STF-02")
@pytest.mark.parametrize(
    "forge",
    [
        lambda: signed(OTHER),
        lambda: signed(OctKey.import_key("the company's secret, long enough to sign"), "HS256"),
        lambda: {"id_token": signed()["id_token"][:-2] + "AA"},
        lambda: {"id_token": "eyJhbGciOiJub25lIn0.e30."},
        lambda: {"id_token": "nonsense"},
        lambda: {"id_token": None},
        dict,
    ],
)
def test_a_token_that_its_key_did_not_sign_is_refused(forge: Callable[[], dict[str, Any]]) -> None:
    with pytest.raises(NotVouched):
        check(forge(), KEYS, TERMS, NONCE, now=NOW)


def test_a_key_that_is_not_known_yet_is_told_apart() -> None:
    with pytest.raises(KeyUnknown):
        check(signed(kid="second"), KeySet([KEY, ECKey.generate_key("P-256")]), TERMS, NONCE, now=NOW)


@requirement("STF-02")
def test_a_secret_that_two_hold_signs_nothing_even_if_it_stands_among_the_keys() -> None:
    shared = OctKey.import_key("a secret that both sides hold, long enough", {"kid": "shared"})
    with pytest.raises(NotVouched):
        check(signed(shared, "HS256", "shared"), KeySet([KEY, shared]), TERMS, NONCE, now=NOW)
