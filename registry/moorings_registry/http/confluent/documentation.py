"""The API as a page: written from the routes, so that it says what is served."""

from collections.abc import Iterable

from moorings_registry.errors import MethodNotAllowed, Refusal
from moorings_registry.http.confluent.blueprint import ROUTES
from moorings_registry.http.confluent.route import EVERYWHERE, Route
from moorings_registry.http.statuses import STATUSES

_HEAD = """# The Confluent Schema Registry API

Clients, serializers and tools that speak this API work against Moorings by its base URL. `/openapi/confluent.json`
describes every operation with its parameters, bodies and answers (OpenAPI 3.1); this page and that document are made
from the routes themselves (`make docs`).

- Answers come as `application/vnd.schemaregistry.v1+json`, `application/vnd.schemaregistry+json` or `application/json`,
  as `Accept` prefers; 406 if it accepts none of them. Bodies are read in these types and as
  `application/octet-stream`, in UTF-8 or another Unicode charset that `Content-Type` names; 415 for other types.
- Every error is `{"error_code": 40401, "message": "..."}`, also for unknown paths (404) and methods (405). Its status
  is the first three digits of the code.
- Every path is also served below `/contexts/{context}`: a base URL for a tenant. There, plain names are names in that
  context, and nothing is looked up elsewhere. Otherwise plain names are names in the default context, and reads of
  schemas that find nothing there look in the other contexts.
- Answers to writes carry `Moorings-Position`; a read that sends it back is answered from a state at least that new.
- Requests with the JDK's own `User-Agent` (`Java/…`) and without `Confluent-Accept-Unknown-Properties: true` are
  answered without `guid`, `ts` and `deleted`, without `schemaType` for Avro, and registrations without a contract by
  the id alone: older releases of Java's client fail on members that they do not know.
- Unknown members of a body are ignored. Null means the same as absence, except that it clears a setting.
- Flags in the query are true for `true` in any letter case, else false. Unknown parameters are ignored.
"""

_TOPICS = """
## Topics

Kafka's clients name a subject after the topic by default (`TopicNameStrategy`). Where the event
`shop.orders.OrderPlaced` is bound to the topic `orders` (`PUT /v1/events/{subject}` with `topics`), these names are
the event, for every path of both APIs, so that an unmodified client is held to the event's owner, policy and majors:

| name | strategy | leads to |
|---|---|---|
| `orders-value` | `TopicNameStrategy` | `shop.orders.OrderPlaced`, if it is the only event of the topic |
| `orders-key` | `TopicNameStrategy` | `shop.orders.OrderPlaced-key`, if it is the only event of the topic |
| `orders-shop.orders.OrderPlaced` | `TopicRecordNameStrategy` | `shop.orders.OrderPlaced` |
| `shop.orders.OrderPlaced` | `RecordNameStrategy` | the event by its own name |

- Ids and version numbers are the event's. Answers about a version name the subject as it was asked for, since clients
  keep what they know by it. `GET /subjects` and the lists of an id have the event once, by its own name; `GET
  /schemas?aliases=true` shows its other names. Settings, modes, deletes, checks and associations under such a name
  are the event's too, and a reference to it is kept as one to the event.
- A topic may carry several events of one domain. Then `orders-value` does not say which one, and is refused (42208)
  with the names to use instead; reading by id, where readers name the topic of each message, works. `orders-key` is a
  subject of its own then.
- A topic that an event of another domain carries is refused with who has it (`TOPIC_TAKEN`).
- If `orders-value` has versions already, each has to be a revision of the event (in a registered domain: of the same
  major, deleted ones too), or the binding is refused with the first that is not (`TOPIC_SUBJECT_DIFFERS`). What the
  name had itself is out of reach while the topic is bound; its ids keep resolving, and it is there again when the
  topic is unbound.
- Bindings hold in the context of their event: `:.eu:orders-value` leads to events that are declared in `.eu`.
- An `x-value` that no event is bound to belongs to no domain.
"""

_DIFFERENCES = """
## Deliberate differences

- Guids are SHA-256 in place of MD5, as version 8 UUIDs: equal in every Moorings registry, and in no other.
- A verdict covers every version that the schema is not compatible with, each with the reason; undecided is refused like
  a break.
- An id is never reused, not even after a permanent delete.
- Nothing is fetched over the network: a JSON Schema's `$ref` leads to a declared reference, or it is refused.
- A body with a repeated key is refused (400): readers disagree about which of the two counts.
- A subject in a registered domain without a level of its own has the level of its domain.
"""


def document(routes: Iterable[Route] = ROUTES) -> str:
    """Write the page, in Markdown."""
    listed = list(routes)
    parts = [_HEAD, "\n## Paths\n\n", *_path_table(listed)]
    parts += ["\n## Parameters\n\n", *_parameter_table(listed)]
    parts += ["\n## Error codes\n\n", *_error_table(listed), _TOPICS, _DIFFERENCES]
    notes = dict.fromkeys(f"- `{one.shown_path}`: {one.note}\n" for one in listed if one.note)
    return "".join((*parts, *notes))


def _path_table(routes: list[Route]) -> Iterable[str]:
    yield "| method and path | operation | does | parameters | error codes |\n|---|---|---|---|---|\n"
    for (path, _), alike in _by_view(routes).items():
        first = alike[0]
        methods = " ".join(one.method for one in alike)
        operations = " ".join(f"`{one.operation}`" for one in alike)
        names = " ".join(f"`{one.data_key}`" for one in first.parameters)
        codes = " ".join(str(code) for code in sorted({STATUSES[one].error_code for one in first.refusals}))
        yield f"| {methods} `{path}` | {operations} | {first.summary} | {names} | {codes} |\n"


def _by_view(routes: list[Route]) -> dict[tuple[str, object], list[Route]]:
    """Routes that differ by their method alone, in one row."""
    rows: dict[tuple[str, object], list[Route]] = {}
    for route in routes:
        rows.setdefault((route.shown_path, route.view), []).append(route)
    return rows


def _parameter_table(routes: list[Route]) -> Iterable[str]:
    purposes: dict[str, dict[str, None]] = {}
    spellings: dict[str, tuple[str, ...]] = {}
    for one in (parameter for route in routes for parameter in route.parameters):
        purposes.setdefault(str(one.data_key), {})[one.about] = None
        spellings[str(one.data_key)] = one.spellings
    yield "| parameter | asks for | also read as |\n|---|---|---|\n"
    for name, about in sorted(purposes.items()):
        yield f"| `{name}` | {'; or '.join(about)} | {' '.join(f'`{one}`' for one in spellings[name])} |\n"


def _error_table(routes: list[Route]) -> Iterable[str]:
    refusals: set[type[Refusal]] = {
        *EVERYWHERE,
        MethodNotAllowed,
        *(error for route in routes for error in route.refusals),
    }
    yield "| code | status | when | what to do |\n|---|---|---|---|\n"
    for refusal in sorted(refusals, key=lambda one: (str(STATUSES[one].error_code), one.code)):
        row = STATUSES[refusal]
        yield f"| {row.error_code} | {row.confluent} | {refusal.title} | {refusal.fix} |\n"
