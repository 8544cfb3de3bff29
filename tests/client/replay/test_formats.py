"""Replay of JSON and Protobuf events, and of events that are JSON in the archive whatever their format."""

import base64
import json
from typing import Any

import httpx2
import pytest

import moorings
from moorings.replay import Replay, ReplayReader, open_archive
from moorings.replay.items import Archive
from moorings_compat import Format

SUBJECT = "shop.orders.OrderPlaced"
JSON_1 = {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]}
JSON_2 = {**JSON_1, "properties": {"id": {"type": "string"}, "n": {"type": "integer"}}, "required": ["id", "n"]}
PROTO_1 = 'syntax = "proto3";\npackage shop.orders;\nmessage OrderPlaced { string id = 1; }\n'
PROTO_2 = 'syntax = "proto3";\npackage shop.orders;\nmessage OrderPlaced { string id = 1; int32 n = 2; }\n'
CASES = [
    (Format.JSON, json.dumps(JSON_1), json.dumps(JSON_2), {"id": "a"}, {"id": "a", "n": 1}),
    (Format.PROTOBUF, PROTO_1, PROTO_2, {"id": "a"}, {"id": "a", "n": 1}),
]


def replayed(archive: Archive, reader: ReplayReader) -> dict[str, tuple[int, int]]:
    tally = Replay(archive, reader).run().tally
    return {name: (one.readable, one.unreadable) for name, one in tally.writers.items()}


@pytest.mark.parametrize(("format", "first", "second", "old", "new"), CASES, ids=[str(one[0]) for one in CASES])
def test_every_format_is_replayed(
    http: httpx2.BaseTransport, tmp_path: Any, format: Format, first: str, second: str, old: Any, new: Any
) -> None:
    lines = []
    with moorings.connect(http=http, drift=False) as registry:
        for text, event, major in ((first, old, None), (second, new, "next")):
            version = registry.api.register(SUBJECT, text, format, major=major).version
            data = registry.event(SUBJECT, version.major).encode(event)
            lines.append({"payload": base64.b64encode(data).decode()})
            lines.append({"event": event, "writer": version.label})
        lines.append({"payload": base64.b64encode(data[:5] + b"\xff\xff").decode()})
        path = tmp_path / "archive"
        path.write_text("\n".join(json.dumps(one) for one in lines))
        archive = open_archive(str(path))
        found = replayed(archive, ReplayReader(registry, SUBJECT, "2"))
        archive.close()
    old_ones = (0, 2) if format is Format.JSON else (2, 0)
    assert found == {"1.0": old_ones, "2.0": (2, 1)}


def test_an_archive_of_another_format_is_unreadable(http: httpx2.BaseTransport, tmp_path: Any) -> None:
    with moorings.connect(http=http, drift=False) as registry:
        registry.api.register(SUBJECT, json.dumps(JSON_1), Format.JSON)
        other = "shop.orders.OrderShipped"
        registry.api.register(other, '"string"', Format.AVRO)
        data = registry.event(other).encode("x")
        path = tmp_path / "archive"
        path.write_text(json.dumps({"payload": base64.b64encode(data).decode()}) + "\n")
        archive = open_archive(str(path))
        tally = Replay(archive, ReplayReader(registry, SUBJECT)).run().tally
        archive.close()
    (failing,) = tally.failures.values()
    assert (failing.writer, failing.rule) == ("unknown", "UNREADABLE")
    assert "AVRO" in failing.reason
