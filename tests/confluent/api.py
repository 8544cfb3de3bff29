"""The Confluent API as tests call it: through the middleware, without a socket."""

import json
from typing import Any

from werkzeug.test import Client

from moorings_registry.app import Application, build_application
from moorings_registry.engines import open_ledger
from moorings_registry.ledger import Ledger
from moorings_registry.node_position import NodePosition
from moorings_registry.settings import Settings
from tests import replies

MEDIA_TYPE = "application/vnd.schemaregistry.v1+json"


class Reply(replies.Reply):
    """What came back of the Confluent API."""

    __slots__ = ()

    @property
    def code(self) -> int:
        """The ``error_code`` of a refusal; 0 for anything else."""
        return self.json.get("error_code", 0) if self.status >= 400 else 0


class Api:
    """One registry in memory and the requests that tests make of it."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self._client = Client(application.middleware)

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        """Send a request; *body* becomes JSON, bytes are sent as they are."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        data: bytes | None = None
        if isinstance(body, bytes):
            data = body
        elif body is not None:
            data = json.dumps(body).encode()
            sent.setdefault("Content-Type", MEDIA_TYPE)
        response = self._client.open(path, method=method, data=data, headers=sent)
        return Reply.of(response.status_code, response.headers.items(), response.data)

    def get(self, path: str, **headers: str) -> Reply:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None) -> Reply:
        return self.call("POST", path, body)

    def put(self, path: str, body: Any = None) -> Reply:
        return self.call("PUT", path, body)

    def delete(self, path: str) -> Reply:
        return self.call("DELETE", path)

    def register(self, subject: str, schema: Any, **more: Any) -> dict[str, Any]:
        """Register *schema*, which has to be accepted, and return the answer."""
        reply = self.post(f"/subjects/{subject}/versions", draft(schema, **more))
        assert reply.status == 200, reply.text
        return reply.json


def draft(schema: Any, **more: Any) -> dict[str, Any]:
    """The body that brings *schema*: a text, or what becomes one as JSON."""
    return {"schema": schema if isinstance(schema, str) else json.dumps(schema), **more}


def new_api(
    settings: Settings | None = None, ledger: Ledger | None = None, node_position: NodePosition | None = None
) -> Api:
    """Build a registry, on a ledger in memory unless one is given, as it is served.

    Registries on one *ledger* that share a *node_position* are workers of one node.
    """
    return Api(build_application(ledger or open_ledger("memory:"), settings, node_position=node_position))


def record(*fields: str, name: str = "Order", **defaults: Any) -> dict[str, Any]:
    """An Avro record of strings; the fields named by keyword have that default."""
    listed = [{"name": one, "type": "string"} for one in fields]
    listed += [{"name": one, "type": "string", "default": value} for one, value in defaults.items()]
    return {"type": "record", "name": name, "namespace": "shop", "fields": listed}


JSON_OBJECT = {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}
PROTO = 'syntax = "proto3";\npackage shop;\n\nmessage Order {\n  string id = 1;\n}\n'


def case_id(value: object) -> str:
    """A parameter in the id of a test: a text as it is, anything else by its JSON, cut where it is long."""
    return (value if isinstance(value, str) else json.dumps(value, default=repr))[:60]
