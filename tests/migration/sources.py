"""A registry to move away from: served on a real socket, with everything in it that has to come along."""

import json
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import httpx2
from werkzeug.serving import WSGIRequestHandler, make_server

from moorings_registry.app import build_application
from moorings_registry.ledger.memory import MemoryLedger
from moorings_registry.ledger.port import Ledger

CURRENCY = '{"type":"enum","name":"Currency","namespace":"shop","symbols":["EUR","USD"]}'
MONEY = '{"type":"record","name":"Money","namespace":"shop","fields":[{"name":"of","type":"shop.Currency"}]}'
PLACED = '{"type":"record","name":"Placed","namespace":"shop","fields":[{"name":"total","type":"shop.Money"}]}'
GUEST = '{"type":"object","properties":{"address":{"$ref":"address.json"}}}'
ADDRESS = '{"type":"object","properties":{"street":{"type":"string"}}}'
POINT = 'syntax = "proto3";\npackage geo;\nmessage Point {\n  int32 x = 1;\n}\n'
ROUTE = 'syntax = "proto3";\npackage geo;\nimport "point.proto";\nmessage Route {\n  Point start = 1;\n}\n'


class _Quiet(WSGIRequestHandler):
    def log(self, *args: Any, **kwargs: Any) -> None:
        """Say nothing."""


class Source:
    """One registry behind a socket of its own."""

    def __init__(
        self, ledger: Ledger | None = None, *, seen_through: Callable[[Any], Any] = lambda middleware: middleware
    ) -> None:
        """Serve *ledger*, by default one in memory; *seen_through* puts something before its door."""
        self.application = build_application(ledger or MemoryLedger())
        middleware = seen_through(self.application.middleware)
        self._server = make_server("127.0.0.1", 0, middleware, threaded=True, request_handler=_Quiet)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._client = httpx2.Client(base_url=self.url)

    def stop(self) -> None:
        self._client.close()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def ask(self, method: str, path: str, body: Any = None) -> Any:
        """Send a request, which has to be accepted, and return its answer."""
        answer = self._client.request(method, path, json=body)
        assert answer.status_code < 300, answer.text
        return answer.json()

    def register(self, subject: str, text: str, **more: Any) -> Any:
        return self.ask("POST", f"/subjects/{quote(subject, safe='')}/versions", {"schema": text, **more})


def refer(name: str, subject: str, version: int = 1) -> dict[str, Any]:
    return {"name": name, "subject": subject, "version": version}


def record(name: str, *fields: str) -> str:
    shown = [{"name": one, "type": "string", "default": ""} for one in fields]
    return json.dumps({"type": "record", "name": name, "fields": shown}, separators=(",", ":"))


def fill(source: Source) -> None:
    """Put a world into *source* whose names sort against its references."""
    source.register("z-currency", CURRENCY)
    source.register("money", MONEY, references=[refer("shop.Currency", "z-currency")])
    source.register("a-placed", PLACED, references=[refer("shop.Money", "money"), refer("shop.Currency", "z-currency")])
    source.register("z-address", ADDRESS, schemaType="JSON")
    source.register("guest", GUEST, schemaType="JSON", references=[refer("address.json", "z-address")])
    source.register("z-point", POINT, schemaType="PROTOBUF")
    source.register("route", ROUTE, schemaType="PROTOBUF", references=[refer("point.proto", "z-point")])
    contract = {"metadata": {"properties": {"owner": "orders"}, "tags": {"**.id": ["PII"]}}}
    source.register("orders/with a slash", record("O", "id"), **contract)
    source.register("orders/with a slash", record("O", "id", "note"))
    for fields in (("id",), ("id", "a"), ("id", "a", "b"), ("id", "a", "b", "c")):
        source.register("evolved", record("E", *fields))
    source.ask("DELETE", "/subjects/evolved/versions/2")
    source.ask("DELETE", "/subjects/evolved/versions/3")
    source.ask("DELETE", "/subjects/evolved/versions/3?permanent=true")
    source.register("abandoned", record("Gone", "id"))
    source.ask("DELETE", "/subjects/abandoned")
    source.register(":.tenant:orders-value", record("Elsewhere", "id"))
    source.register(":.tenant:orders-value", record("Elsewhere", "id", "more"))
    source.ask("PUT", "/config", {"compatibility": "FULL"})
    source.ask("PUT", "/config/evolved", {"compatibility": "FORWARD", "normalize": True})
    source.ask("PUT", "/config/:.tenant:", {"compatibility": "NONE"})
    source.ask("PUT", "/config/short", {"alias": "money"})
    source.ask("PUT", "/mode/money", {"mode": "READONLY"})
    source.ask("PUT", "/mode/:.tenant:", {"mode": "READONLY"})
