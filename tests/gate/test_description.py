"""The description is true: a program that makes up requests from it finds no answer that it does not tell of."""

import json
from itertools import product
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode

from portal.extensions import limiter
from tests.gate.bench import Caller
from tests.rounds import rounds

USUAL = 10
EXAMPLES = rounds(USUAL)  # the usual ones are the same each time; `make soak` looks further
QUIET: dict[str, Any] = {"database": None, "suppress_health_check": list(HealthCheck)}
MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
# A cursor is our own word, and an epoch may be an old one: neither can be told from its shape.
CONFIG = {"checks": {"positive_data_acceptance": {"expected-statuses": ["2xx", "304", "404", "409", "410"]}}}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_it_is_openapi_3_1_and_the_same_at_its_address_and_at_the_keyboard(login: Caller) -> None:
    told = login.get("/openapi.json").get_json()
    assert told["openapi"].startswith("3.1.")
    assert {(path, method) for path, methods in told["paths"].items() for method in methods} == {
        ("/gate/v1/accounts/{ref}", "get"),
        ("/gate/v1/accounts:batch", "post"),
        ("/gate/v1/changes", "get"),
        ("/gate/v1/accounts/{ref}/cleared", "post"),
        ("/gate/v1/cohort", "get"),
    }
    printed = login.client.application.test_cli_runner().invoke(args=["gate", "openapi"])
    assert json.loads(printed.output) == told


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

            @settings(max_examples=EXAMPLES, derandomize=EXAMPLES == USUAL, **QUIET)
            @given(case=found.ok().as_strategy(generation_mode=mode, path_parameters=known))
            def try_out(case: schemathesis.Case) -> None:
                case.call_and_validate(headers=key)

            try_out()
