"""Contracts with rules, made without a registry: writers and readers as a handle puts them together."""

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from moorings.api.responses import Version
from moorings.codecs.failures import SLOW_PATH, Mismatch
from moorings.codecs.formats import MessageReader, Reader, Writer, make_reader, make_writer
from moorings.errors import EventInvalid, EventUnreadable
from moorings.rules import RuleBook
from moorings.rules.ruled import ruled_reader, ruled_writer
from moorings.violations import Violation
from moorings_compat import Format, Schema, parse

EVENT = "OrderPlaced"
PREFIX = b"\0\0\0\0\1"
SCHEMAS: dict[Format, str] = {
    Format.AVRO: json.dumps(
        {
            "type": "record",
            "name": EVENT,
            "namespace": "shop",
            "fields": [
                {"name": "id", "type": "string"},
                {"name": "cents", "type": "long", "default": 5},
                {"name": "email", "type": ["null", "string"], "default": None, "confluent:tags": ["PII"]},
                {
                    "name": "lines",
                    "default": [],
                    "type": {
                        "type": "array",
                        "items": {
                            "type": "record",
                            "name": "Line",
                            "fields": [
                                {"name": "sku", "type": "string"},
                                {"name": "kind", "type": {"type": "enum", "name": "Kind", "symbols": ["A", "B"]}},
                            ],
                        },
                    },
                },
            ],
        }
    ),
    Format.JSON: json.dumps(
        {
            "type": "object",
            "properties": {
                "id": {"type": "string"},
                "cents": {"type": "integer"},
                "email": {"type": ["null", "string"], "confluent:tags": ["PII"]},
                "lines": {"type": "array", "items": {"$ref": "#/$defs/line"}},
            },
            "$defs": {
                "line": {
                    "type": "object",
                    "properties": {"sku": {"type": "string"}, "kind": {"enum": ["A", "B"]}},
                }
            },
        }
    ),
    Format.PROTOBUF: """syntax = "proto3";
package shop;
import "confluent/meta.proto";
message OrderPlaced {
  string id = 1;
  int64 cents = 2;
  optional string email = 3 [(confluent.field_meta) = {tags: ["PII"]}];
  repeated Line lines = 4;
}
message Line { string sku = 1; Kind kind = 2; }
enum Kind { A = 0; B = 1; }
""",
}
PLACED: dict[str, Any] = {
    "id": "o-1",
    "cents": 4200,
    "email": "ann@example.org",
    "lines": [{"sku": "s-1", "kind": "A"}, {"sku": "s-2", "kind": "B"}],
}


def schema_of(format: Format) -> Schema:
    return parse(SCHEMAS[format], format)


def rule(name: str, expr: str, type: str = "CEL", kind: str = "CONDITION", mode: str = "WRITE", **more: Any) -> Any:
    return {"name": name, "expr": expr, "type": type, "kind": kind, "mode": mode, **more}


def field_rule(name: str, expr: str, **more: Any) -> Any:
    return rule(name, expr, "CEL_FIELD", **more)


def domain(*rules: Any, **more: Any) -> dict[str, Any]:
    return {"domainRules": list(rules), **more}


def version(rule_set: Any, format: Format = Format.AVRO, metadata: Any = None) -> Version:
    return Version(
        f"shop.{EVENT}", 1, 1, 0, "1.0", 1, UUID(int=1), format, "", (), metadata, rule_set, "active", False, "", "", ""
    )


def writer(rule_set: Any, format: Format = Format.AVRO, metadata: Any = None, book: RuleBook | None = None) -> Writer:
    schema, found = schema_of(format), version(rule_set, format, metadata)

    def refused(violations: Sequence[Violation]) -> EventInvalid:
        return EventInvalid(found.subject, found.label, violations)

    return ruled_writer(make_writer(schema, EVENT, PREFIX), found, schema, EVENT, book, refused)


def reader(rule_set: Any, format: Format = Format.AVRO, book: RuleBook | None = None) -> Reader:
    schema, found = schema_of(format), version(rule_set, format)

    def unreadable(data: bytes, mismatch: Mismatch) -> EventUnreadable:
        return EventUnreadable(found.subject, "1.0", "1.0", mismatch.reason, mismatch.path, mismatch.violations)

    return ruled_reader(make_reader(schema, schema, EVENT, len(PREFIX)), found, schema, EVENT, book, unreadable)


def written(rule_set: Any, event: Any, format: Format = Format.AVRO, **more: Any) -> Any:
    """Write an event under rules, and read it again without any."""
    schema = schema_of(format)
    data = write(writer(rule_set, format, **more), event)
    return make_reader(schema, schema, EVENT, len(PREFIX)).at_once(data)


def plainly(event: Any, format: Format = Format.AVRO) -> bytes:
    """Write an event without rules."""
    return write(make_writer(schema_of(format), EVENT, PREFIX), event)


def write(writing: Writer, event: Any) -> bytes:
    """Write an event the short way or the long one, as a handle does."""
    try:
        return writing.at_once(event)
    except SLOW_PATH:
        return writing.encode(event)


def messages(found: Reader) -> MessageReader:
    assert isinstance(found, MessageReader)
    return found
