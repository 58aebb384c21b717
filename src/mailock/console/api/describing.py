"""What the schema says of faults: the same for every call, as `console.faults` answers them.

The framework would describe answers of its own, which nobody gets here.
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from litestar.openapi.spec import OpenAPI, OpenAPIMediaType, OpenAPIResponse, OpenAPIType, Operation, Schema

_FAULT: Final = Schema(
    type=OpenAPIType.OBJECT,
    properties={"error": Schema(type=OpenAPIType.STRING, description="What is wrong, in a sentence.")},
    required=["error"],
)
_FAULTS: Final[Mapping[HTTPStatus, str]] = {
    HTTPStatus.BAD_REQUEST: "What was asked cannot be.",
    HTTPStatus.UNAUTHORIZED: "There is no key, or it is no longer one.",
    HTTPStatus.FORBIDDEN: "The key's owner, or the key, lacks the right.",
    HTTPStatus.NOT_FOUND: "There is no such thing, or not for this person.",
    HTTPStatus.CONFLICT: "It can be asked, and the answer is no.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "There is more of it than is taken.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Mailflow is down, or the log took too long.",
}


def describe_faults(schema: OpenAPI) -> None:
    """Writes them into every operation of a schema."""
    for item in (schema.paths or {}).values():
        for operation in (item.get, item.post, item.put, item.delete):
            if operation is not None:
                operation.responses = _answers(operation)


def _answers(operation: Operation) -> dict[str, Any]:
    good = {code: one for code, one in (operation.responses or {}).items() if code.startswith("2")}
    return good | {str(code.value): _answer(says) for code, says in _FAULTS.items()}


def _answer(says: str) -> OpenAPIResponse:
    return OpenAPIResponse(description=says, content={"application/json": OpenAPIMediaType(schema=_FAULT)})
