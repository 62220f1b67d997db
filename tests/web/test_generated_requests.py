"""Requests to the control API that schemathesis makes of its OpenAPI document: no call fails on our side, and each answer
has a status, a content type and a shape that the document names."""

from __future__ import annotations

import re
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi.checks import positive_data_acceptance

from mock_server.web.admin import routes
from tests.web.kit import Kit

ENDLESS = {"/stream"}
"""It ends with its client only."""
EXAMPLES = 12
CALLS = [
    (route.method, "/__admin" + re.sub(r"<(?:[a-z]+:)?([a-z_]+)>", r"{\1}", route.path))
    for route in routes()
    if route.path not in ENDLESS
]


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Any:
    kit = Kit(tmp_path_factory.mktemp("generated"))
    kit.verify(account="default", secret="mock-secret-not-real-0123456789ab", key="MockKey0NotReal1")
    return schemathesis.openapi.from_wsgi("/__admin/openapi.json", kit.app)


@pytest.mark.parametrize(("method", "path"), CALLS)
def test_a_generated_request_is_answered_as_described(schema: Any, method: str, path: str) -> None:
    @settings(
        max_examples=EXAMPLES,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(case=schema[path][method].as_strategy())
    def ask(case: Any) -> None:
        if path.endswith("/wait"):
            case.query = {**case.query, "timeout": "0"}
        # A name that the document allows may be the name of nothing that there is.
        case.call_and_validate(excluded_checks=[positive_data_acceptance])

    ask()
