"""What clients and the registry use of a schema: classes, indexes, descriptors, positions."""

import base64

import pytest
from google.protobuf import descriptor_pool
from google.protobuf.descriptor_pb2 import FileDescriptorProto

from moorings_compat import Format, parse
from moorings_compat.protobuf import file_descriptor, indexes_of, message_at, message_class, position, serialized

SOURCE = """syntax = "proto3";
package shop.orders;

message Address {
\tstring street = 1;
  message Geo { double lat = 1; }
  map<string, Geo> geo = 2;
  message Line {}
}
enum Status { OPEN = 0; }
message Order {
  /* é */ Address to = 1;
  oneof paid { bool cash = 2; }
  Status status = 3;
}
service Orders { rpc Place(Order) returns (Order); }
"""
SCHEMA = parse(SOURCE, Format.PROTOBUF)

INDEXES = [
    ((0,), "shop.orders.Address"),
    ((0, 0), "shop.orders.Address.Geo"),
    ((0, 1), "shop.orders.Address.GeoEntry"),
    ((0, 2), "shop.orders.Address.Line"),
    ((1,), "shop.orders.Order"),
]

PLACES = [
    ("/Address", (4, 1)),
    ("/Address/street", (5, 2)),
    ("/Address/Geo/lat", (6, 17)),
    ("/Address/geo", (7, 3)),
    ("/Status/OPEN", (10, 15)),
    ("/Order/to", (12, 11)),
    ("/Order/paid", (13, 3)),
    ("/Order/paid/cash", None),
    ("/Orders/Place", (16, 18)),
    ("", None),
    ("/Nothing", None),
    ("/Address/GeoEntry/key", None),
]


@pytest.mark.parametrize(("indexes", "name"), INDEXES)
def test_message_indexes_and_full_names_are_inverse(indexes: tuple[int, ...], name: str) -> None:
    assert message_at(SCHEMA, indexes) == name
    assert indexes_of(SCHEMA, name) == indexes


@pytest.mark.parametrize("indexes", [(), (2,), (-1,), (0, 3), (0, 0, 0)])
def test_message_indexes_that_lead_nowhere_are_refused(indexes: tuple[int, ...]) -> None:
    with pytest.raises(KeyError):
        message_at(SCHEMA, indexes)


def test_an_undeclared_message_name_is_refused() -> None:
    with pytest.raises(KeyError):
        indexes_of(SCHEMA, "shop.orders.Nothing")
    with pytest.raises(KeyError):
        message_class(SCHEMA, "shop.orders.Nothing")


def test_without_a_name_the_first_message_is_used() -> None:
    assert message_class(SCHEMA).DESCRIPTOR.full_name == "shop.orders.Address"
    order = message_class(SCHEMA, "shop.orders.Order")
    assert order.FromString(order(to={"street": "Quay 1"}).SerializeToString()).to.street == "Quay 1"


def test_two_versions_of_a_message_coexist_outside_the_default_pool() -> None:
    other = parse(SOURCE.replace("string street", "bytes street"), Format.PROTOBUF)
    assert message_class(SCHEMA)(street="a").street == "a"
    assert message_class(other)(street=b"a").street == b"a"
    with pytest.raises(KeyError):
        descriptor_pool.Default().FindMessageTypeByName("shop.orders.Order")


def test_a_file_descriptor_is_a_copy_and_equals_the_serialized_form() -> None:
    taken = file_descriptor(SCHEMA)
    taken.message_type[0].name = "Changed"
    assert message_at(SCHEMA, (0,)) == "shop.orders.Address"
    assert FileDescriptorProto.FromString(base64.b64decode(serialized(SCHEMA))) == file_descriptor(SCHEMA)


def test_a_schema_without_messages_has_no_message_class() -> None:
    with pytest.raises(KeyError):
        message_class(parse('syntax = "proto3"; enum E { A = 0; }', Format.PROTOBUF))


@pytest.mark.parametrize(("pointer", "expected"), PLACES)
def test_a_path_leads_to_its_line_and_column(pointer: str, expected: tuple[int, int] | None) -> None:
    found = position(SCHEMA, pointer)
    assert (found and (found.line, found.column)) == expected
