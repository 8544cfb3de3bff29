"""The API as a page: written from the routes, so that it says what is served."""

import re
from collections.abc import Iterable

from moorings_registry.errors import (
    BodyTooLarge,
    BodyUnreadable,
    CallerRefused,
    CompilerUnavailable,
    Contention,
    IdempotencyKeyReused,
    InternalError,
    LedgerUnavailable,
    MethodNotAllowed,
    NotFound,
    PositionAhead,
    Refusal,
    RequestInvalid,
)
from moorings_registry.http.confluent.blueprint import ROUTES
from moorings_registry.http.confluent.parameters import Parameter
from moorings_registry.http.confluent.route import Route
from moorings_registry.http.statuses import STATUSES

EVERYWHERE = (
    BodyUnreadable,
    BodyTooLarge,
    CallerRefused,
    RequestInvalid,
    NotFound,
    MethodNotAllowed,
    IdempotencyKeyReused,
    InternalError,
    LedgerUnavailable,
    Contention,
    PositionAhead,
    CompilerUnavailable,
)
"""What any route may refuse with."""

_HEAD = """# The Confluent Schema Registry API

Clients, serializers and tools that speak this API work against Moorings by its base URL. This page is written from the
routes themselves (`make docs`).

- Answers come as `application/vnd.schemaregistry.v1+json`, as `application/vnd.schemaregistry+json` or as
  `application/json`, whatever `Accept` prefers; 406 where it takes none of them. Bodies are read in these and in
  `application/octet-stream`, in UTF-8 or in another charset of Unicode that `Content-Type` names; 415 for other types.
- Every refusal is `{"error_code": 40401, "message": "..."}`, unknown paths (404) and methods (405) included. Its status
  is the first three digits of the code.
- Every path stands a second time below `/contexts/{context}`: a base URL for a tenant. There, plain names lie in that
  context, and nothing is looked for elsewhere. Otherwise plain names lie in the default context, and reads of schemas
  that find nothing there look in the other contexts.
- Answers to writes carry `Moorings-Position`; a read that sends it back is answered from a state at least that new.
- Unknown members of a body are ignored; null says nothing, except that it clears a setting.
"""

_DIFFERENCES = """
## Deliberate differences

- Guids are SHA-256 in place of MD5, as version 8 UUIDs: equal in every Moorings registry, and in no other.
- A verdict covers every version that stands in the way, each with the reason, and undecided is refused like a break.
- An id is never given to something else, not even after a permanent delete.
- Nothing is fetched over the network: a JSON Schema's `$ref` leads to a declared reference, or it is refused.
- A body with a key twice is refused (400): readers disagree about which of the two counts.
- Without a level of its own, a subject in a registered domain is held to its domain's.
"""


def document(routes: Iterable[Route] = ROUTES) -> str:
    """Write the page, in Markdown."""
    listed = list(routes)
    parts = [_HEAD, "\n## Paths\n\n", *_path_table(listed)]
    parts += ["\n## Parameters\n\n", *_parameter_table(listed)]
    parts += ["\n## Error codes\n\n", *_error_table(listed), _DIFFERENCES]
    notes = dict.fromkeys(f"- `{shown_path(one)}`: {one.note}\n" for one in listed if one.note)
    return "".join((*parts, *notes))


def shown_path(route: Route) -> str:
    """The path as people write it: ``/subjects/{subject}``."""
    return re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", route.path)


def code_of(refusal: type[Refusal]) -> int:
    """The ``error_code`` of a refusal."""
    return STATUSES[refusal].error_code


def _path_table(routes: list[Route]) -> Iterable[str]:
    yield "| method and path | does | parameters | error codes |\n|---|---|---|---|\n"
    methods: dict[tuple[str, object], list[str]] = {}
    for route in routes:
        methods.setdefault((route.path, route.view), []).append(route.method)
    for route in routes:
        asked = methods.pop((route.path, route.view), None)
        if asked:
            does = (route.view.__doc__ or "").splitlines()[0]
            names = " ".join(f"`{one.name}`" for one in route.parameters)
            codes = " ".join(str(code) for code in sorted({code_of(one) for one in route.errors}))
            yield f"| {' '.join(asked)} `{shown_path(route)}` | {does} | {names} | {codes} |\n"


def _parameter_table(routes: list[Route]) -> Iterable[str]:
    used: dict[str, Parameter[object]] = {one.name: one for route in routes for one in route.parameters}
    yield "| parameter | asks for | also read as |\n|---|---|---|\n"
    for name, one in sorted(used.items()):
        yield f"| `{name}` | {one.about} | {' '.join(f'`{spelt}`' for spelt in one.spellings)} |\n"


def _error_table(routes: list[Route]) -> Iterable[str]:
    refusals: set[type[Refusal]] = {*EVERYWHERE, *(error for route in routes for error in route.errors)}
    yield "| code | status | when | what to do |\n|---|---|---|---|\n"
    for refusal in sorted(refusals, key=lambda one: (str(code_of(one)), one.code)):
        yield f"| {code_of(refusal)} | {STATUSES[refusal].confluent} | {refusal.title} | {refusal.fix} |\n"
