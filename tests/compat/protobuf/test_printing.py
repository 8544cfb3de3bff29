"""A descriptor as source, and the normal form: printed source compiles to the same descriptor."""

import base64
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import DescriptorProto, FieldDescriptorProto, FileDescriptorProto

from moorings_compat import Format, Schema, SchemaInvalid, can_read, parse
from moorings_compat.protobuf import file_descriptor, serialized
from moorings_compat.protobuf.compiled import compiled
from moorings_compat.protobuf.options import OptionReader
from tests.compat.protobuf.corpus import FILES, shipped

SOURCES = {file.stem: file.read_text() for file in sorted((Path(__file__).parent / "sources").glob("*.proto"))}
"""Small files that between them use everything the language has."""


@pytest.mark.parametrize("text", SOURCES.values(), ids=SOURCES)
def test_printed_source_compiles_to_the_same_schema(text: str) -> None:
    schema = parse(text, Format.PROTOBUF)
    again = parse(schema.identity, Format.PROTOBUF)
    assert again.identity == schema.identity
    assert again.canonical == schema.canonical
    assert parse(schema.canonical, Format.PROTOBUF).canonical == schema.canonical
    assert list(can_read(again, replace(schema, identity=""))) == []


@pytest.mark.parametrize("name", [name for name in SOURCES if name not in ("edition_2024", "source_only_options")])
def test_printed_source_keeps_every_part_of_the_descriptor(name: str) -> None:
    schema = parse(SOURCES[name], Format.PROTOBUF)
    printed = file_descriptor(parse(schema.identity, Format.PROTOBUF))
    reference = file_descriptor(schema)
    reader = OptionReader(compiled(schema).pool)
    assert reader.known(printed) == reader.known(reference)


@pytest.mark.parametrize("text", SOURCES.values(), ids=SOURCES)
def test_text_and_its_descriptor_are_equal_schemas(text: str) -> None:
    schema = parse(text, Format.PROTOBUF)
    sent = parse(serialized(schema), Format.PROTOBUF)
    assert sent == schema
    assert sent.fingerprint == schema.fingerprint
    assert sent.text == schema.identity


@pytest.mark.parametrize("path", FILES)
def test_published_files_survive_printing(path: str) -> None:
    schema = shipped(path)
    for form in (schema.identity, serialized(schema)):
        assert parse(form, Format.PROTOBUF, schema.references) == schema
    assert parse(schema.canonical, Format.PROTOBUF, schema.references).canonical == schema.canonical


@pytest.mark.parametrize("path", [path for path in FILES if not path.endswith(("_features.proto", "_options.proto"))])
def test_the_descriptor_in_generated_code_equals_its_source(path: str) -> None:
    generated = import_module(path.removesuffix(".proto").replace("/", ".") + "_pb2").DESCRIPTOR
    embedded = base64.b64encode(generated.serialized_pb).decode()
    assert parse(embedded, Format.PROTOBUF, shipped(path).references) == shipped(path)


SAME = [  # the change, two sources of the same schema
    ("white space and comments", "message M{int32 a=1;}", "// hi\nmessage M {\n  int32 a = 1; /* there */\n}\n"),
    ("names in full", "message M { N n = 1; } message N {}", "message M { .N n = 1; } message N {}"),
    ("number bases", "message M { int32 a = 0x10; }", "message M { int32 a = 16; }"),
    ("quotes", "message M { reserved 'a'; }", 'message M { reserved "a"; }'),
    (
        "a JSON name that is the default",
        "message M { int32 a_b = 1; }",
        'message M { int32 a_b = 1 [json_name = "aB"]; }',
    ),
    ("where a reservation stands", "message M { reserved 2; int32 a = 1; }", "message M { int32 a = 1; reserved 2; }"),
]

SAME_MEANING = [  # the change, two sources with the same normal form
    ("order of fields", "message M { int32 a = 1; int32 b = 2; }", "message M { int32 b = 2; int32 a = 1; }"),
    ("order of symbols", "enum E { A = 0; B = 1; C = 2; }", "enum E { A = 0; C = 2; B = 1; }"),
    ("order of reservations", "message M { reserved 5, 2 to 3; }", "message M { reserved 2, 3; reserved 5; }"),
    ("order of imports", 'import "google/type/date.proto"; import public "google/type/money.proto"; message M {}',
     'import public "google/type/money.proto"; import "google/type/date.proto"; message M {}'),
    ("order of maps", "message M { map<int32, int32> a = 1; map<int32, int32> b = 2; }",
     "message M { map<int32, int32> b = 2; map<int32, int32> a = 1; }"),
]  # fmt: skip

DIFFERENT = [  # the change, two sources of different meaning
    ("order of messages", "message M {} message N {}", "message N {} message M {}"),
    ("a JSON name", "message M { int32 a = 1; }", 'message M { int32 a = 1 [json_name = "z"]; }'),
    ("an option", "message M { int32 a = 1; }", "message M { int32 a = 1 [deprecated = true]; }"),
    ("a reservation", "message M {}", "message M { reserved 1; }"),
    ("a service", "message M {}", "message M {} service S {}"),
    ("an import", "message M {}", 'import "google/type/date.proto"; message M {}'),
]


@pytest.mark.parametrize(("one", "other"), [case[1:] for case in SAME], ids=[case[0] for case in SAME])
def test_a_change_of_layout_is_the_same_schema(one: str, other: str) -> None:
    assert _proto3(one) == _proto3(other)
    assert _proto3(one).fingerprint == _proto3(other).fingerprint


@pytest.mark.parametrize(("one", "other"), [case[1:] for case in SAME_MEANING], ids=[case[0] for case in SAME_MEANING])
def test_a_change_without_meaning_has_the_same_normal_form(one: str, other: str) -> None:
    assert _proto3(one) != _proto3(other)
    assert _proto3(one).canonical == _proto3(other).canonical


@pytest.mark.parametrize(("one", "other"), [case[1:] for case in DIFFERENT], ids=[case[0] for case in DIFFERENT])
def test_a_change_of_meaning_has_another_normal_form(one: str, other: str) -> None:
    assert _proto3(one) != _proto3(other)
    assert _proto3(one).canonical != _proto3(other).canonical


def test_a_closed_enums_default_stays_first() -> None:
    one, other = (
        parse(f'syntax = "proto2"; enum E {{ {body} }}', Format.PROTOBUF) for body in ("B = 2; A = 1;", "A = 1; B = 2;")
    )
    assert one.canonical != other.canonical


HOSTILE = {
    "a name with text in it": FileDescriptorProto(
        message_type=[DescriptorProto(name='M {} import "/etc/passwd"; message N')]
    ),
    "a default with text in it": FileDescriptorProto(
        message_type=[
            DescriptorProto(
                name="M",
                field=[
                    FieldDescriptorProto(
                        name="a",
                        number=1,
                        label=FieldDescriptorProto.LABEL_OPTIONAL,
                        type=FieldDescriptorProto.TYPE_INT32,
                        default_value="1]; } message N { optional int32 b = 1 [default = 2",
                    )
                ],
            )
        ]
    ),
    "a map's entry without a map": FileDescriptorProto(
        message_type=[DescriptorProto(name="M", nested_type=[DescriptorProto(name="E", options={"map_entry": True})])]
    ),
    "a climbing import": FileDescriptorProto(dependency=["../../etc/passwd"], message_type=[DescriptorProto(name="M")]),
    "a type nobody declares": FileDescriptorProto(
        message_type=[
            DescriptorProto(
                name="M",
                field=[
                    FieldDescriptorProto(
                        name="a",
                        number=1,
                        label=FieldDescriptorProto.LABEL_OPTIONAL,
                        type=FieldDescriptorProto.TYPE_MESSAGE,
                        type_name=".N",
                    )
                ],
            )
        ]
    ),
}


@pytest.mark.parametrize("file", HOSTILE.values(), ids=HOSTILE)
def test_hostile_descriptors_are_refused(file: FileDescriptorProto) -> None:
    with pytest.raises(SchemaInvalid):
        parse(base64.b64encode(file.SerializeToString()).decode(), Format.PROTOBUF)


def test_an_undefined_option_is_refused() -> None:
    file = FileDescriptorProto(message_type=[DescriptorProto(name="M")])
    file.message_type[0].options.MergeFromString(b"\x82\xb5\x18\x01a")  # extension 50000, nowhere declared
    with pytest.raises(SchemaInvalid, match="option number 50000 in MessageOptions"):
        parse(base64.b64encode(file.SerializeToString()).decode(), Format.PROTOBUF)


def _proto3(body: str) -> Schema:
    return parse(f'syntax = "proto3"; {body}', Format.PROTOBUF)
