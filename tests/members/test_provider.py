"""The company's sign-in is asked with patience and suspicion: what is not as it should be lets nobody in."""

import time
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

import pytest
from joserfc.jwk import ECKey, KeySet

from portal.members.provider import DISCOVERY, Provider, ProviderAway
from portal.members.sign_ons import NotVouched, Secrets
from portal.members.vouching import Terms
from tests.members.stand_in import StandIn, standing_in
from tests.requirements import requirement
from tests.servers.company import questions
from tests.servers.ports import free_port

NOW = datetime(2018, 7, 2, 8, tzinfo=UTC)
AT = int(NOW.timestamp())
SECRETS = Secrets("state", "nonce", "v" * 43)


@pytest.fixture
def there() -> Iterator[StandIn]:
    """The other side."""
    with standing_in() as held:
        held.claims = {
            "iss": held.origin, "aud": "console", "sub": "chen-1", "iat": AT, "exp": AT + 300, "nonce": "nonce",
            "email": "chen@stagelight.example", "email_verified": True, "amr": ["mfa"], "auth_time": AT,
        }  # fmt: skip
        yield held


def provider_at(origin: str, **said: Any) -> Provider:
    """Our side."""
    terms = Terms(origin, "console", frozenset({"phr", "phrh"}), frozenset({"mfa"}))
    usual = {"on_this_machine": True, "patience": 0.5}
    return Provider(terms, "a:secret", "https://console.stagelight.example/back", **{**usual, **said})


@requirement("STF-02")
def test_the_browser_is_sent_with_state_nonce_and_challenge_and_the_code_comes_with_the_verifier(
    there: StandIn,
) -> None:
    provider = provider_at(there.origin)
    asked = questions(provider.address(SECRETS, now=NOW))
    challenge = urlsafe_b64encode(sha256(SECRETS.verifier.encode()).digest()).decode().rstrip("=")
    assert asked == {
        "response_type": "code", "client_id": "console", "scope": "openid email", "state": "state", "nonce": "nonce",
        "redirect_uri": "https://console.stagelight.example/back",
        "code_challenge": challenge, "code_challenge_method": "S256", "max_age": "300",
    }  # fmt: skip
    assert provider.vouch("the code", SECRETS, now=NOW).subject == "chen-1"
    assert there.posted[0]["code"] == "the code"
    assert there.posted[0]["code_verifier"] == SECRETS.verifier
    assert there.credentials == ["Basic " + b64encode(b"console:a:secret").decode()]
    assert "secret" not in repr(provider)


def test_what_is_known_of_it_is_read_once_an_hour(there: StandIn) -> None:
    provider = provider_at(there.origin)
    for minutes in (0, 30, 60):
        provider.address(SECRETS, now=NOW + timedelta(minutes=minutes))
    assert there.asked == [DISCOVERY, "/keys"]
    provider.address(SECRETS, now=NOW + timedelta(minutes=61))
    assert there.asked == [DISCOVERY, "/keys"] * 2


def test_only_values_that_it_knows_are_asked_for(there: StandIn) -> None:
    there.facts = {"acr_values_supported": ["phr", "pwd"], "token_endpoint_auth_methods_supported": ["none", "x"]}
    provider = provider_at(there.origin)
    assert questions(provider.address(SECRETS, now=NOW))["acr_values"] == "phr"
    provider.vouch("code", SECRETS, now=NOW)
    assert (there.posted[0]["client_secret"], there.credentials) == ("a:secret", [None])


@requirement("STF-02")
def test_keys_that_it_changed_are_read_again_but_a_stranger_s_key_is_refused(there: StandIn) -> None:
    provider = provider_at(there.origin)
    provider.address(SECRETS, now=NOW)
    there.key = ECKey.generate_key("P-256", auto_kid=True)
    assert provider.vouch("code", SECRETS, now=NOW).subject == "chen-1"
    kept = KeySet([there.key]).as_dict(private=False)
    there.answers["/keys"] = lambda: (200, kept)
    there.key = ECKey.generate_key("P-256", auto_kid=True)
    with pytest.raises(NotVouched, match="unknown-key"):
        provider.vouch("code", SECRETS, now=NOW)


@requirement("STF-02")
@pytest.mark.parametrize(
    ("path", "answer"),
    [
        (DISCOVERY, (500, {})),
        (DISCOVERY, (302, {})),
        (DISCOVERY, (200, b"no json")),
        (DISCOVERY, (200, [])),
        (DISCOVERY, (200, {"issuer": "https://elsewhere.example"})),
        ("/keys", (200, {"keys": "none"})),
        ("/keys", (404, {})),
        ("/token", (502, b"")),
        ("/token", (302, {})),
        ("/token", (200, [])),
    ],
    ids=str,
)
def test_one_that_answers_otherwise_is_away(there: StandIn, path: str, answer: tuple[int, Any]) -> None:
    there.answers[path] = lambda: answer
    with pytest.raises(ProviderAway):
        provider_at(there.origin).vouch("code", SECRETS, now=NOW)
    assert "/elsewhere" not in there.asked


@requirement("STF-02")
@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
@pytest.mark.parametrize("address", ["http://sign-in.stagelight.example/x", "file:///etc/passwd", "", 7])
def test_no_part_of_it_may_be_read_on_the_way(there: StandIn, name: str, address: object) -> None:
    there.facts = {name: address}
    with pytest.raises(ProviderAway):
        provider_at(there.origin).address(SECRETS, now=NOW)


def test_in_production_not_even_this_machine_is_asked_in_the_clear(there: StandIn) -> None:
    with pytest.raises(ProviderAway):
        provider_at(there.origin, on_this_machine=False).address(SECRETS, now=NOW)


@requirement("STF-02")
@pytest.mark.parametrize(("said", "told"), [("invalid_grant", "code:invalid_grant"), ("secret words", "code:refused")])
def test_a_code_that_it_refuses_lets_nobody_in(there: StandIn, said: str, told: str) -> None:
    there.answers["/token"] = lambda: (400, {"error": said, "error_description": "secret words"})
    with pytest.raises(NotVouched) as refused:
        provider_at(there.origin).vouch("code", SECRETS, now=NOW)
    assert str(refused.value) == told


@requirement("STF-02")
def test_nobody_waits_long_for_one_that_says_nothing(there: StandIn) -> None:
    there.answers[DISCOVERY] = lambda: (time.sleep(2), (200, {}))[1]  # type: ignore[func-returns-value]
    began = time.monotonic()
    with pytest.raises(ProviderAway):
        provider_at(there.origin).address(SECRETS, now=NOW)
    assert time.monotonic() - began < 1.5


@requirement("STF-02")
@pytest.mark.parametrize("path", [DISCOVERY, "/keys", "/token"])
def test_nobody_waits_long_for_one_that_says_a_byte_at_a_time(there: StandIn, path: str) -> None:
    there.dwells[path] = 0.05
    began = time.monotonic()
    with pytest.raises(ProviderAway):
        provider_at(there.origin).vouch("code", SECRETS, now=NOW)
    assert 0.5 <= time.monotonic() - began < 1.5


@requirement("STF-02")
def test_all_answers_together_have_the_time_of_one(there: StandIn) -> None:
    for path, answer in list(there.answers.items()):
        there.answers[path] = lambda answer=answer: (time.sleep(0.3), answer())[1]  # type: ignore[func-returns-value, misc]
    began = time.monotonic()
    with pytest.raises(ProviderAway):
        provider_at(there.origin).vouch("code", SECRETS, now=NOW)
    assert 0.5 <= time.monotonic() - began < 0.8
    assert there.posted == []


def test_one_that_is_not_there_is_away() -> None:
    with pytest.raises(ProviderAway, match="ConnectionError"):
        provider_at(f"http://127.0.0.1:{free_port()}").address(SECRETS, now=NOW)
