"""The description is true: a program that makes up requests from it finds no answer that it does not tell of."""

from itertools import product
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

from portal.extensions import limiter
from tests.gate.bench import Caller
from tests.rounds import rounds

EXAMPLES = 10
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
# A cursor is our own word, and an epoch may be an old one: neither can be told from its shape.
CONFIG = {"checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", "304", "404", "409", "410"]}}}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_nothing_is_answered_that_is_not_described(login: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiter, "enabled", False)  # a made-up key is tried more often than a stranger may
    key = {"Authorization": f"Bearer {login.key}"}

    def app(environ: dict[str, Any], start: Any) -> Any:
        return login.client.application({**environ, "REMOTE_ADDR": "10.0.0.7"}, start)

    config = schemathesis.Config.from_dict(CONFIG)
    schema = schemathesis.openapi.from_wsgi("/gate/v1/openapi.json", app, config=config, headers=key)
    listed = {"ref": "amara-0"}
    for found in schema.get_all_operations():
        for mode, known in product(MODES, (None, listed) if "{ref}" in found.ok().path else (None,)):

            @settings(max_examples=rounds(EXAMPLES), database=None, suppress_health_check=list(HealthCheck))
            @given(case=found.ok().as_strategy(generation_mode=mode, path_parameters=known))
            def try_out(case: schemathesis.Case) -> None:
                case.call_and_validate(headers=key)

            try_out()
