"""The native API as a page: written from its OpenAPI document, so that it says what is served."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from moorings_registry.http.native.blueprint import ERROR_CODES
from moorings_registry.http.statuses import ANY_OPERATION

Described = Mapping[str, Any]
"""An object of an OpenAPI document or of a JSON Schema in it."""

_HEAD = """# The native API

What the client `moorings` and the admin pages work with. `/openapi.json` describes every operation (OpenAPI 3.1); this
page is made from that document (`make docs`).

- Bodies and answers are JSON. Text that is not JSON, or has a key twice in one object, is refused with 400
  `BODY_UNREADABLE`; an unknown member or query parameter, or a value of the wrong type, with 422 `REQUEST_INVALID`.
  `errors` lists every location, as a JSON Pointer or a line and a column.
- Errors are `application/problem+json` (RFC 9457) with a stable `code`: see `ProblemShape` and [errors](errors.md).
- A write may carry an `Idempotency-Key`: the same request again gets the first answer, another request with the same
  key 422. It answers with `Moorings-Position`; a read that sends it back is answered from a state at least that new,
  or 503.
- Domains and events have an `ETag`. A write whose errors list 412 `STATE_CHANGED` takes `If-Match`, and is refused when
  the state that it was decided on is no longer the current one. Other writes that carry the header are refused.
- Registering a schema that is already there returns its version and adds nothing.
- Subjects in paths are percent-encoded.
"""


def document(description: Described) -> str:
    """Write the page about the API that *description*, its OpenAPI document, describes; in Markdown."""
    shapes = description["components"]["schemas"]
    common = ", ".join(f"`{code}`" for code in sorted(refusal.code for refusal in ANY_OPERATION))
    parts = [_HEAD, "\nAny operation may answer with ", common, ". Others are listed with each.\n"]
    for tag in description["tags"]:
        parts += [f"\n## {tag['name'].capitalize()}\n\n{tag['description']}\n", *_operations(description, tag["name"])]
    parts.append("\n## Bodies and answers\n")
    for name in sorted(_named_below(description["paths"], shapes)):
        parts += _shape(name, shapes[name])
    return "".join(parts)


def _operations(description: Described, tag: str) -> Iterable[str]:
    for path, item in description["paths"].items():
        for method, operation in item.items():
            if method != "parameters" and tag in operation["tags"]:
                yield f"\n### {operation['operationId']}\n\n`{method.upper()} {path}`\n\n{_about(operation)}\n"
                yield from _parameters([*item.get("parameters", []), *operation.get("parameters", [])])
                yield from _body(operation)
                yield f"\nAnswer: {'; '.join(_answers(operation))}.\n"
                yield from _codes(operation)


def _about(operation: Described) -> str:
    return " ".join(filter(None, (operation["summary"], operation.get("description"))))


def _parameters(parameters: list[Described]) -> Iterable[str]:
    if parameters:
        yield "\n| parameter | in | type | |\n|---|---|---|---|\n"
    for one in parameters:
        schema = one["schema"]
        notes = _notes({**schema, "description": one.get("description", schema.get("description", ""))})
        needed = ["required"] if one.get("required") and one["in"] != "path" else []
        yield f"| `{one['name']}` | {one['in']} | {_type(schema)} | {'; '.join((*needed, *notes))} |\n"


def _body(operation: Described) -> Iterable[str]:
    for content in operation.get("requestBody", {}).get("content", {}).values():
        yield f"\nBody: {_type(content['schema'])}.\n"


def _answers(operation: Described) -> Iterable[str]:
    """The successes of an operation, the lowest status first."""
    for status, answer in sorted(operation["responses"].items()):
        if status.isdecimal() and int(status) < HTTPStatus.BAD_REQUEST:
            for media_type, content in answer.get("content", {}).items():
                shown = f" as `{media_type}`" if media_type != "application/json" else ""
                yield f"{status} with {_type(content['schema'])}{shown}"


def _codes(operation: Described) -> Iterable[str]:
    common = {refusal.code for refusal in ANY_OPERATION}
    statuses = {
        code: status
        for status, answer in operation["responses"].items()
        for code in operation[ERROR_CODES]
        if f"`{code}`:" in answer.get("description", "")
    }
    own = [f"{statuses[code]} `{code}`" for code in operation[ERROR_CODES] if code not in common]
    if own:
        yield f"\nErrors: {', '.join(sorted(own))}.\n"


def _named_below(value: Any, shapes: Described) -> set[str]:
    """The names of all shapes that *value* refers to, directly or through others."""
    found: set[str] = set()
    pending = [value]
    while pending:
        one = pending.pop()
        if isinstance(one, Mapping):
            name = str(one.get("$ref", "")).rpartition("/schemas/")[2]
            if name in shapes and name not in found:
                found.add(name)
                pending.append(shapes[name])
            pending += one.values()
        elif isinstance(one, list):
            pending += one
    return found


def _shape(name: str, schema: Described) -> Iterable[str]:
    required = set(schema.get("required", ()))
    yield f"\n### {name}\n\n| member | type | |\n|---|---|---|\n"
    for member, one in schema.get("properties", {}).items():
        needed = ["required"] if member in required and name.endswith("Body") else []
        missing = ["may be absent"] if member not in required and name.endswith("Shape") and required else []
        yield f"| `{member}` | {_type(one)} | {'; '.join((*needed, *missing, *_notes(one)))} |\n"


def _type(schema: Described) -> str:
    """The type of *schema* in a few words; a shape as a link."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "const" in schema:
        return f"`{schema['const']}`"
    for alternatives in (schema.get("anyOf"), schema.get("oneOf")):
        if alternatives:
            return " or ".join(_type(one) for one in alternatives)
    types = schema.get("type", "any value")
    return " or ".join(_one_type(one, schema) for one in ([types] if isinstance(types, str) else types))


def _one_type(name: str, schema: Described) -> str:
    if name == "array" and schema.get("items"):
        return f"array of {_type(schema['items'])}"
    if name == "object" and schema.get("additionalProperties"):
        return f"object of {_type(schema['additionalProperties'])}"
    return f"{name} ({schema['format']})" if name == "string" and "format" in schema else name


def _notes(schema: Described) -> Iterable[str]:
    """What else *schema* says: its values, its bounds, its default and its description."""
    if "enum" in schema:
        yield " ".join(f"`{one}`" for one in schema["enum"] if one not in ("", None))
    bounds = [
        f"{label} {schema[keyword]}"
        for keyword, label in (
            ("minimum", "at least"), ("maximum", "at most"), ("minLength", "characters: at least"),
            ("maxLength", "characters: at most"), ("minItems", "items: at least"), ("maxItems", "items: at most"),
        )
        if keyword in schema
    ]  # fmt: skip
    yield from bounds
    default = schema.get("default")
    if default not in (None, "", [], {}):
        yield f"default `{str(default).lower() if isinstance(default, bool) else default}`"
    if schema.get("description"):
        yield str(schema["description"]).rstrip(".").replace("|", "\\|")
