"""The help desk's address and secret go together, encrypted and long enough, or the portal does not start."""

import base64

import pytest
from pydantic import ValidationError

from tests.servers.ground import MakeSettings

SECRET = "whsec_" + base64.b64encode(bytes(24)).decode()
WHOLE = {"helpdesk_hook": "https://helpdesk.stagelight.example/hook", "helpdesk_secret": SECRET}


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ({"helpdesk_hook": None}, "go together"),
        ({"helpdesk_secret": None}, "go together"),
        ({"helpdesk_hook": "http://helpdesk.stagelight.example"}, "PORTAL_HELPDESK_HOOK is not encrypted"),
        ({"helpdesk_hook": "helpdesk"}, "PORTAL_HELPDESK_HOOK is not encrypted"),
        ({"helpdesk_secret": "whsec_" + base64.b64encode(bytes(23)).decode()}, "at least 24 bytes"),
        ({"helpdesk_secret": SECRET.removeprefix("whsec_")}, "at least 24 bytes"),
        ({"helpdesk_secret": "whsec_canary"}, "helpdesk_secret"),
    ],
)
def test_half_of_it_stops_the_start(settings: MakeSettings, said: dict[str, str | None], named: str) -> None:
    with pytest.raises(ValidationError, match=named):
        settings(**{**WHOLE, **said})


def test_the_secret_is_not_shown(settings: MakeSettings) -> None:
    assert SECRET not in repr(settings(**WHOLE))
