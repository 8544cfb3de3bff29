"""Classes generated from Protobuf: presence, oneofs, enums, maps, well-known types; and round trips of objects."""

from pathlib import Path
from random import Random
from typing import Any

import pytest

from moorings.codecs.formats import make_writer
from moorings.testing.payloads.events import EventMaker
from moorings.typed import compare
from moorings.typed.conversion import compile_converter
from moorings_compat import Format
from tests.client.typed.generated import (
    formatted_differently,
    imported,
    lint_findings,
    module_text,
    schema_of,
    through_bytes,
    typing_errors,
)

pytest.importorskip("google.protobuf")

PROTO = """syntax = "proto3";
package shop.orders;
import "google/protobuf/timestamp.proto";
import "google/protobuf/duration.proto";
import "google/protobuf/wrappers.proto";
import "google/protobuf/struct.proto";
import "google/protobuf/any.proto";

// An order was placed.
//
// It may still be cancelled.
message OrderPlaced {
  // Ours, not the shop's.
  string order_id = 1;
  optional int64 cents = 2;
  bytes digest = 3;
  Kind kind = 4; // of the order
  google.protobuf.Timestamp at = 5;
  google.protobuf.Duration took = 6;
  google.protobuf.Int64Value limit = 7;
  google.protobuf.Struct more = 8;
  oneof method { Card card = 9; string iban = 10; }
  repeated Card others = 11;
  map<int32, Card> by_number = 12;
  repeated Kind kinds = 13;
  float ratio = 14;
  google.protobuf.Any extra = 15;
  string class = 16;
  google.protobuf.Value anything = 17;
  // What card it was.
  message Card { optional string brand = 1; Card parent = 2; }
}
enum Kind { KIND_UNKNOWN = 0; CARD = 1; }
"""
LINES = [
    'order_id: str = ""\n    """Ours, not the shop\'s."""',
    "cents: int | None = None",
    'digest: bytes = b""',
    'kind: Kind | int = Kind.KIND_UNKNOWN\n    """of the order"""',
    "at: dt.datetime | None = None",
    "took: dt.timedelta | None = None",
    "limit: int | None = None",
    "# Any: any JSON value\n    more: dict[str, Any] | None = None",
    'card: Card | None = None\n    """At most one field of method is given."""',
    'iban: str | None = None\n    """At most one field of method is given."""',
    "others: list[Card] = field(default_factory=list)",
    "by_number: dict[int, Card] = field(default_factory=dict)",
    "kinds: list[Kind | int] = field(default_factory=list)",
    "ratio: float = 0.0",
    'class_: str = field(\n        default="",\n        metadata={"moorings": "class"},\n    )',
    "parent: Card | None = None",
]
PROTO2 = """syntax = "proto2";
package shop.orders;
message OrderPlaced { required string order_id = 1; optional int32 n = 2 [default = 5]; optional Kind kind = 3; }
enum Kind { A = 0; B = 1; }
"""


@pytest.mark.parametrize("line", LINES)
def test_a_protobuf_field_becomes_a_line(line: str) -> None:
    assert f"    {line}\n" in module_text(schema_of(PROTO, Format.PROTOBUF))


def test_proto_comments_become_docstrings() -> None:
    module = imported(module_text(schema_of(PROTO, Format.PROTOBUF)))
    assert module.OrderPlaced.__doc__.splitlines()[0] == "An order was placed."
    assert "It may still be cancelled." in module.OrderPlaced.__doc__
    assert module.Card.__doc__ == "What card it was."


def test_required_fields_have_no_default_and_closed_enums_no_numbers() -> None:
    text = module_text(schema_of(PROTO2, Format.PROTOBUF))
    for line in ("order_id: str", "n: int | None = None", "kind: Kind | None = None"):
        assert f"    {line}\n" in text


@pytest.mark.parametrize("proto", [PROTO, PROTO2])
def test_an_object_equals_itself_after_protobuf(proto: str) -> None:
    schema = schema_of(proto, Format.PROTOBUF)
    kind = imported(module_text(schema)).OrderPlaced
    assert compare(kind, schema) == ()
    converter, writer = compile_converter(kind, "PROTOBUF"), make_writer(schema, "OrderPlaced", b"")
    making, rng = EventMaker(schema, "shop.orders.OrderPlaced"), Random(3)
    seen: set[Any] = set()
    for _ in range(60):
        made = converter.into(through_bytes(schema, making.event(rng, writer.violations)))
        assert converter.into(through_bytes(schema, converter.out_of(made))) == made
        seen.add(repr(made))
    assert len(seen) > 50


def test_an_enum_number_without_a_name_is_read_as_a_number() -> None:
    schema = schema_of(PROTO, Format.PROTOBUF)
    kind = imported(module_text(schema)).OrderPlaced
    converter = compile_converter(kind, "PROTOBUF")
    assert converter.into({"kind": 7, "kinds": ["CARD", 7]}).kind == 7
    assert converter.into({"kind": "CARD"}).kind.name == "CARD"


@pytest.mark.parametrize("style", ["dataclass", "typeddict"])
def test_code_for_protobuf_is_formatted_and_passes_mypy(style: str, tmp_path: Path) -> None:
    pytest.importorskip("ruff")
    pytest.importorskip("mypy")
    for number, proto in enumerate((PROTO, PROTO2)):
        (tmp_path / f"module_{number}.py").write_text(module_text(schema_of(proto, Format.PROTOBUF), style), "utf-8")
    assert formatted_differently(tmp_path, 88) == ""
    assert lint_findings(tmp_path) == ""
    assert typing_errors(tmp_path, tmp_path.parent / "mypy_cache") == ""
