"""A registry with three revisions over two majors of an event, events of each, and archives of them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import pytest

import moorings
from moorings.cli.commands import run
from moorings.cli.session import Session
from moorings_compat import Format

SUBJECT = "shop.orders.OrderPlaced"


def schema(*fields: tuple[str, Any], **defaults: Any) -> str:
    listed: list[dict[str, Any]] = [{"name": name, "type": type} for name, type in fields]
    listed += [{"name": name, "type": "string", "default": value} for name, value in defaults.items()]
    return json.dumps({"type": "record", "name": "OrderPlaced", "namespace": "shop.orders", "fields": listed})


ID, LINES = ("id", "string"), ("lines", {"type": "array", "items": "int"})
REVISIONS = {
    "1.0": schema(ID, LINES),
    "1.1": schema(ID, LINES, note=""),
    "2.0": schema(ID, LINES, ("currency", "string")),
}
MAPPING = '[[step]]\ndrop = "/note"\n[[step]]\ndefault = "/currency"\nvalue = "EUR"\n'


@dataclass(frozen=True, slots=True)
class World:
    """Bytes of an event by the label of the revision that wrote it, and the command."""

    http: httpx2.BaseTransport
    registry: moorings.Registry
    events: dict[str, bytes]
    folder: Path

    def replay(self, *arguments: object, http: httpx2.BaseTransport | None = None) -> int:
        """Run `moorings replay` and return its exit code."""
        session = Session(http=http or self.http)
        words = ["--schemas", str(self.folder / "schemas"), "replay", *map(str, arguments), "--event", SUBJECT]
        return run(words, session)

    def write(self, name: str, content: bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content)
        return path


@pytest.fixture
def world(http: httpx2.BaseTransport, registry: moorings.Registry, tmp_path: Path) -> World:
    events = {}
    for label, text in REVISIONS.items():
        registry.api.register(SUBJECT, text, Format.AVRO, major="next" if label == "2.0" else None)
        event: dict[str, Any] = {"id": "secret-4711", "lines": [1, 2]}
        if label == "2.0":
            event["currency"] = "CHF"
        with moorings.connect(http=http, drift=False) as writing:
            events[label] = writing.event(SUBJECT, int(label[0])).encode(event)
    domain = tmp_path / "schemas" / "shop.orders"
    domain.mkdir(parents=True)
    (domain / "OrderPlaced.v1-to-v2.toml").write_text(MAPPING)
    return World(http, registry, events, tmp_path)
