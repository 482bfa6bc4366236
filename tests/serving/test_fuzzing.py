"""The OpenAPI description is true: schemathesis finds no answer that it does not tell of."""

import schemathesis
from fake_serving import FakePredictor
from hypothesis import settings
from schemathesis.config import (
    ChecksConfig,
    PositiveDataAcceptanceConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
)
from starlette.types import Receive, Scope, Send

from labeltree.serving import Limits, ServerSettings
from labeltree.serving.app import create_app

# Most bytes are no image and most texts no label: the description cannot tell which are.
CHECKS = ChecksConfig(
    positive_data_acceptance=PositiveDataAcceptanceConfig(
        expected_statuses=["2xx", "400", "401", "413", "422"]
    )
)
CONFIG = SchemathesisConfig(
    projects=ProjectsConfig(default=ProjectConfig(checks=CHECKS)),
)


def described(**given: object):  # type: ignore[no-untyped-def]
    app = create_app(FakePredictor(), ServerSettings(**given))

    async def running(scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["type"] == "http"  # a lifespan would be ended with the first test of any file
        await app(scope, receive, send)

    return schemathesis.openapi.from_asgi("/openapi.json", running, config=CONFIG)


open_to_all = described(limits=Limits(images=4, bytes=4096), allow_hosts=["testserver"])
with_key = described(api_key="secret")


@open_to_all.parametrize()
@settings(max_examples=15, deadline=None, derandomize=True)
def test_what_is_described_is_what_is_answered(case: schemathesis.Case) -> None:
    case.call_and_validate()


@with_key.parametrize()
@settings(max_examples=5, deadline=None, derandomize=True)
def test_the_key_is_described_and_asked_for(case: schemathesis.Case) -> None:
    case.call_and_validate()
