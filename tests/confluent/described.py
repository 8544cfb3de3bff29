"""The API as its own description at /openapi/confluent.json has it: what an answer may be."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator

from moorings_registry.http.confluent.openapi import ERROR_CODES, PATH
from tests.confluent.api import Reply, new_api


@dataclass(frozen=True)
class Operation:
    """One method of one path."""

    method: str
    path: str
    content: dict[str, Any]

    @property
    def id(self) -> str:
        return str(self.content["operationId"])

    @property
    def error_codes(self) -> set[int]:
        return set(self.content[ERROR_CODES])

    @property
    def query_names(self) -> list[str]:
        return [one["name"] for one in self.content["parameters"] if one["in"] == "query"]

    @property
    def body(self) -> dict[str, Any] | None:
        """The schema of the request's body."""
        content = self.content.get("requestBody", {}).get("content")
        return content["application/json"]["schema"] if content else None

    def response(self, status: int) -> dict[str, Any]:
        """What is described for a status."""
        described: dict[str, Any] = self.content["responses"][str(status)]
        return resolved(described)

    def answer_schema(self, status: int) -> dict[str, Any] | None:
        """The schema of an answer with that status; None where it has no body."""
        content = self.response(status).get("content")
        return next(iter(content.values()))["schema"] if content else None


@cache
def document() -> dict[str, Any]:
    """The description as the registry serves it."""
    reply = new_api().get(PATH)
    assert reply.status == 200, reply.text
    return dict(reply.json)


def operations() -> list[Operation]:
    """Every operation that is described."""
    return list(_operations())


def _operations() -> Iterator[Operation]:
    for path, methods in document()["paths"].items():
        for method, content in methods.items():
            yield Operation(method.upper(), path, content)


def resolved(described: dict[str, Any]) -> dict[str, Any]:
    """Follow a reference into the components of the document."""
    reference = described.get("$ref")
    if reference is None:
        return described
    _, _, kind, name = reference.split("/")
    found: dict[str, Any] = document()["components"][kind][name]
    return found


def require_described(operation: Operation, reply: Reply, sent: str) -> None:
    """Fail unless the answer is one that the description has: its status, its error code, its form."""
    assert "Traceback" not in reply.text, (sent, reply.text)
    assert str(reply.status) in operation.content["responses"], (sent, reply.text)
    if reply.status >= 400:
        assert set(reply.json) == {"error_code", "message"}, (sent, reply.text)
        assert str(reply.json["error_code"])[:3] == str(reply.status), (sent, reply.text)
        assert reply.json["error_code"] in operation.error_codes, (sent, reply.text)
        assert reply.json["error_code"] in operation.response(reply.status)[ERROR_CODES], (sent, reply.text)
    schema = operation.answer_schema(reply.status)
    if schema is None:
        assert reply.text == "", (sent, reply.text)
    elif schema.keys() - {"description"}:  # a bare text of a schema may be anything
        problem = next(_validator(operation.id, reply.status).iter_errors(reply.json), None)
        assert problem is None, (sent, reply.text, problem)


@cache
def _validator(operation_id: str, status: int) -> Draft202012Validator:
    operation = next(one for one in operations() if one.id == operation_id)
    schema = operation.answer_schema(status) or {}
    return Draft202012Validator({**schema, "components": document()["components"]})
