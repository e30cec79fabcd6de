"""The company's sign-in is named whole, encrypted, and demanding, or the portal does not start."""

import pytest
from pydantic import ValidationError

from tests.requirements import requirement
from tests.servers.ground import MakeSettings

WHOLE = {
    "console_origin": "https://console.stagelight.example",
    "oidc_issuer": "https://sign-in.stagelight.example",
    "oidc_client_id": "console",
    "oidc_client_secret": "canary",
}


@requirement("STF-02")
@pytest.mark.parametrize(
    ("said", "named"),
    [
        ({"oidc_issuer": None}, "PORTAL_OIDC_ISSUER is missing"),
        ({"oidc_client_id": None}, "PORTAL_OIDC_CLIENT_ID is missing"),
        ({"oidc_client_secret": None}, "PORTAL_OIDC_CLIENT_SECRET is missing"),
        ({"oidc_client_id": "", "oidc_client_secret": ""}, "PORTAL_OIDC_CLIENT_ID is missing"),
        ({"console_origin": None}, "needs PORTAL_CONSOLE_ORIGIN"),
        ({"oidc_issuer": "http://sign-in.stagelight.example"}, "not encrypted"),
        ({"oidc_issuer": "sign-in.stagelight.example"}, "not encrypted"),
        ({"oidc_issuer": "https://[half"}, "not encrypted"),
        ({"oidc_acr": "", "oidc_amr": " "}, "PORTAL_OIDC_AMR must name a value"),
    ],
)
def test_half_of_it_stops_the_start(settings: MakeSettings, said: dict[str, str | None], named: str) -> None:
    with pytest.raises(ValidationError, match=named):
        settings(**{**WHOLE, **said})


def test_plain_http_is_for_this_machine_in_development(settings: MakeSettings) -> None:
    here = {**WHOLE, "oidc_issuer": "http://127.0.0.1:9400"}
    assert settings(**here).oidc_issuer == "http://127.0.0.1:9400"
    with pytest.raises(ValidationError, match="not encrypted"):
        settings(**here, environment="production", postbox="smtp", smtp_host="smtp.example")


def test_the_secret_is_not_shown(settings: MakeSettings) -> None:
    assert "canary" not in repr(settings(**WHOLE))
