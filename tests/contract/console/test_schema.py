"""The API against its own description: whatever the schema allows or forbids, the answers are those it tells of."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from litestar import Litestar
from litestar.testing import TestClient
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from mailock.console.desks import packed
from mailock.console.shipped import VIEWS
from mailock.core.mail.message import show_id
from mailock.ports.people import Role
from tests.parts.desk import KEPT, Desk, desk
from tests.parts.stories import message

EXAMPLES = 12
"""Of each operation."""
ID = show_id(message(KEPT).queue_id)
KNOWN = {
    "GET /api/v1/messages/{name}": ID,
    "POST /api/v1/messages/{name}/content": ID,
    "GET /api/v1/queue/{name}": ID,
    "GET /api/v1/quarantine/{name}": ID,
    "POST /api/v1/queue/{name}": "hold",
    "POST /api/v1/quarantine/{name}": "release",
    "POST /api/v1/shunt/{name}": "retry",
    "GET /api/v1/views/{name}": "overview",
    "GET /api/v1/views/{name}/definition": "own-1",
    "PUT /api/v1/views/{name}": "own-1",
}
"""What is asked of operations besides what is generated: names that there are, which nobody would guess."""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient[Litestar]]:
    """A program of an administrator's who reads content, for as long as all of it takes."""
    folder: Path = tmp_path_factory.mktemp("console")
    with desk(folder) as made:
        yield from _program(made)


def _program(made: Desk) -> Iterator[TestClient[Litestar]]:
    made.person("root", Role.ADMINISTRATOR, reads=True)
    made.means.people.views.add("root", packed(VIEWS["overview"]))
    with made.program("root") as client:
        yield client


def test_it_answers_as_it_says(program: TestClient[Litestar]) -> None:
    document = program.get("/api/v1/openapi.json").json()
    tried, wrong = 0, list[str]()
    for found in schemathesis.openapi.from_dict(document).get_all_operations():
        assert isinstance(found, Ok), found
        tried += 1
        try:
            hold(program, found.ok())
        except (AssertionError, FailureGroup, Failure) as fault:
            wrong.append(f"{found.ok().label}: {getattr(fault, 'exceptions', (fault,))[0]}")
    assert not wrong, "\n\n".join(wrong)
    assert tried == sum(len(methods) for methods in document["paths"].values())


def hold(program: TestClient[Litestar], operation: Any) -> None:
    """Asks an operation what its description allows and what it forbids. Raises what schemathesis does."""

    # Without the phase that explains, and with a seed: what fails here fails again.
    @seed(1)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def each(case: Any) -> None:
        asked = case.as_transport_kwargs(base_url="http://testserver.local")
        asked.pop("cookies", None)
        url = urlsplit(asked.pop("url"))
        headers = {name: value for name, value in asked.pop("headers").items() if name.lower() != "authorization"}
        answer = program.request(url=url.path, headers=headers, **asked)
        case.validate_response(answer, checks=CHECKS)
        if (known := KNOWN.get(operation.label)) is not None:
            path = operation.path.replace("{name}", known)
            answer = program.request(url=path, headers=headers, **asked)
            case.validate_response(answer, checks=CHECKS[:-1])

    each()
