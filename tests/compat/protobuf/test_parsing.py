"""Parsing a schema: references, commonly known imports, and refusals with their positions."""

import base64
from importlib import import_module

import pytest
from google.protobuf.descriptor import FileDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorProto

from moorings_compat import (
    Format,
    Limits,
    Problem,
    Reference,
    ReferenceMissing,
    ResolvedReference,
    Schema,
    SchemaError,
    SchemaInvalid,
    SchemaLimitExceeded,
    can_read,
    parse,
)
from moorings_compat.protobuf import descriptor_set, message_class
from moorings_compat.protobuf.common_types import TEXTS

MONEY = 'syntax = "proto3"; package shop; message Money { string currency = 1; int64 cents = 2; }'
ORDER = 'syntax = "proto3"; package shop; import "shop/money.proto"; message Order { Money total = 1; }'
BATCH = 'syntax = "proto3"; package shop; import "shop/order.proto"; message Batch { repeated Order orders = 1; }'


def _reference(path: str, schema: Schema) -> ResolvedReference:
    return ResolvedReference(Reference(path, f"subject-of-{path}", 1), schema)


def _proto(text: str, *references: ResolvedReference) -> Schema:
    return parse(text, Format.PROTOBUF, references)


MONEY_REFERENCE = _reference("shop/money.proto", _proto(MONEY))
ORDER_REFERENCE = _reference("shop/order.proto", _proto(ORDER, MONEY_REFERENCE))


def test_references_resolve_through_references() -> None:
    batch = _proto(BATCH, ORDER_REFERENCE)
    assert [file.name for file in descriptor_set(batch).file] == [
        "shop/money.proto",
        "shop/order.proto",
        "schema.proto",
    ]
    message = message_class(batch)(orders=[{"total": {"currency": "EUR", "cents": 5}}])
    assert message_class(batch).FromString(message.SerializeToString()).orders[0].total.cents == 5


def test_a_reference_can_be_a_descriptor() -> None:
    packed = base64.b64encode(descriptor_set(MONEY_REFERENCE.schema).file[-1].SerializeToString()).decode()
    assert _proto(ORDER, _reference("shop/money.proto", _proto(packed))) == _proto(ORDER, MONEY_REFERENCE)


def test_a_change_in_a_reference_is_found() -> None:
    narrower = _reference("shop/money.proto", _proto(MONEY.replace("int64", "int32")))
    found = can_read(_proto(ORDER, narrower), _proto(ORDER, MONEY_REFERENCE))
    assert [(one.rule, one.reader_path) for one in found] == [("PROTO_WIRE_NUMBER_TRUNCATED", "/Order/total/cents")]


def test_a_reference_with_the_name_of_the_text_itself_is_allowed() -> None:
    named_alike = _reference("schema.proto", _proto(MONEY))
    order = _proto(ORDER.replace("shop/money.proto", "schema.proto"), named_alike)
    assert [file.name for file in descriptor_set(order).file] == ["schema.proto", "_schema.proto"]


@pytest.mark.parametrize("path", [*TEXTS, "google/protobuf/timestamp.proto", "google/protobuf/cpp_features.proto"])
def test_commonly_known_imports_need_no_reference(path: str) -> None:
    assert _proto(f'syntax = "proto3"; import "{path}"; message M {{}}').references == ()


def _shape(file: FileDescriptorProto) -> FileDescriptorProto:
    shape = FileDescriptorProto()
    shape.CopyFrom(file)
    for ignored in ("options", "name"):
        shape.ClearField(ignored)
    for message in [*shape.message_type, *(nested for one in shape.message_type for nested in one.nested_type)]:
        for field in message.field:
            field.ClearField("json_name")
    for extension in shape.extension:
        extension.ClearField("json_name")
    return shape


@pytest.mark.parametrize("path", TEXTS)
def test_commonly_known_types_have_the_structure_that_others_ship(path: str) -> None:
    schema = _proto(f'syntax = "proto3"; import "{path}"; message M {{}}')
    ours = next(file for file in descriptor_set(schema).file if file.name == path)
    theirs = FileDescriptorProto()
    _shipped(path).CopyToProto(theirs)
    assert _shape(ours) == _shape(theirs)


def _shipped(path: str) -> FileDescriptor:
    module = path.removesuffix(".proto").replace("/", ".") + "_pb2"
    prefix = "confluent_kafka.schema_registry." if path.startswith("confluent/") else ""
    shipped: FileDescriptor = import_module(prefix + module).DESCRIPTOR
    return shipped


def test_inline_tags_are_kept_as_options() -> None:
    text = """syntax = "proto3"; import "confluent/meta.proto";
        message M { string mail = 1 [(confluent.field_meta) = { tags: "PII" params: [{ key: "a" value: "b" }] }]; }"""
    assert 'tags: "PII"' in _proto(text).identity


REFUSED = [  # what the case shows, the text, where, and a part of the sentence
    ("nothing", "", "", "declares nothing"),
    ("words", "hello", "line 1, column 1", "Expected top-level statement"),
    ("an open brace", 'syntax = "proto3";\nmessage M {', "line 2, column 12", "end of input"),
    ("an unknown type", 'syntax = "proto3";\nmessage M {\n  N n = 1;\n}', "line 3, column 3", '"N" is not defined'),
    ("a number twice", 'message M {\n optional int32 a=1;\n optional int32 b=1;\n}', "line 3, column 19", "already"),
    ("an unknown edition", 'edition = "1999"; message M {}', "line 1, column 11", "Unknown edition"),
    ("an unknown option", 'syntax = "proto3"; message M { option (x) = 1; }', "line 1, column 39", "unknown"),
    ("an absolute import", 'syntax = "proto3"; import "/etc/passwd";', "line 1, column 27", "relative path"),
    ("a climbing import", 'syntax = "proto3"; import "a/../../b.proto";', "line 1, column 27", "relative path"),
    ("a backslash", 'syntax = "proto3"; import "a\\\\b.proto";', "line 1, column 27", "relative path"),
    ("a drive", 'syntax = "proto3"; import "C:/b.proto";', "line 1, column 27", "relative path"),
    ("a control character", 'syntax = "proto3"; import "a\x01b.proto";', "line 1, column 27", "relative path"),
    ("binary", "\x00\x01\x02", "line 1, column 1", "Invalid control characters"),
    ("a lone surrogate", 'syntax = "proto3"; // \ud800', "", "lone surrogate"),
    ("base64 of something else", base64.b64encode(b"\x07" * 40).decode(), "line 1, column 1", "Expected"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "where", "part"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_an_invalid_text_is_refused_at_its_line_and_column(text: str, where: str, part: str) -> None:
    with pytest.raises(SchemaInvalid) as refused:
        _proto(text)
    problem = refused.value.problems[0]
    assert problem.where == where
    assert part in problem.message
    _does_not_mention_this_machine(refused.value)


def test_every_missing_import_is_named() -> None:
    with pytest.raises(ReferenceMissing) as refused:
        _proto(
            'syntax = "proto3";\nimport "a.proto";\nimport public "b/c.proto";\nimport "google/protobuf/nothing.proto";'
        )
    assert [problem.where for problem in refused.value.problems] == [
        f"line {n}, column {c}" for n, c in ((2, 8), (3, 15), (4, 8))
    ]
    assert [part in str(refused.value) for part in ('"a.proto"', '"b/c.proto"', "nothing.proto")] == [True] * 3


def test_an_import_path_of_several_literals_is_joined() -> None:
    with pytest.raises(ReferenceMissing, match=r'"a/b.proto"'):
        _proto("syntax = 'proto3'; import 'a/' /* and */ \"b.proto\"; message M {}")


def test_an_import_in_a_comment_is_ignored() -> None:
    assert _proto('syntax = "proto3"; // import "a.proto";\n/* import "b.proto"; */ message M { string s = 1; }')


def test_a_missing_import_of_a_descriptor_is_named() -> None:
    file = FileDescriptorProto(dependency=["a.proto"], syntax="proto3")
    with pytest.raises(ReferenceMissing, match=r'"a.proto"'):
        _proto(base64.b64encode(file.SerializeToString()).decode())


def test_two_schemas_with_one_reference_name_are_refused() -> None:
    other = _reference("shop/money.proto", _proto(MONEY.replace("cents", "hundredths")))
    with pytest.raises(SchemaInvalid, match=r'two different schemas have the reference name "shop/money.proto"'):
        _proto(BATCH, ORDER_REFERENCE, other)


def test_a_schema_can_be_referred_to_twice() -> None:
    assert _proto(BATCH.replace("import", 'import "shop/money.proto"; import', 1), ORDER_REFERENCE, MONEY_REFERENCE)


LIMITS = [
    ("size", Limits(size_bytes=20), "the text's size in bytes"),
    ("depth", Limits(depth=1), "the depth of nesting"),
    ("references", Limits(references=1), "the number of references"),
]


@pytest.mark.parametrize(("limits", "what"), [case[1:] for case in LIMITS], ids=[case[0] for case in LIMITS])
def test_a_text_beyond_a_limit_is_refused(limits: Limits, what: str) -> None:
    text = BATCH + " message A { message B {} }"
    with pytest.raises(SchemaLimitExceeded) as exceeded:
        parse(text, Format.PROTOBUF, [ORDER_REFERENCE], limits)
    assert exceeded.value.what == what


HEAVY = {
    "10,000 deep": "message M {" * 10_000,
    "10,000 open braces in options": 'syntax = "proto3"; message M { option (x) = ' + "{a:" * 10_000,
    "a million slashes": "/" * 1_000_000,
    "a million quotes": '"' * 1_000_000,
    "an open comment": "/*" * 500_000,
    "a comment full of comments": "/*" * 500_000 + "*/",
    "a million words": "a " * 500_000,
    "an open string of escapes": '"' + '\\"' * 500_000,
    "a message larger than the runtime takes": 'syntax = "proto3"; message M {'
    + "".join(f"string a{n}={n};" for n in range(1, 6000))
    + "}",
    "many errors": 'syntax = "proto3"; message M {' + "X x = 1;" * 20_000 + "}",
}


@pytest.mark.parametrize("text", HEAVY.values(), ids=HEAVY)
def test_heavy_texts_are_refused_with_a_short_error(text: str) -> None:
    with pytest.raises(SchemaError) as refused:
        _proto(text)
    assert len(refused.value.problems) <= 20
    _does_not_mention_this_machine(refused.value)


def _does_not_mention_this_machine(error: SchemaError) -> None:
    sentence = str(error)
    assert "/tmp" not in sentence
    assert "schema.proto" not in sentence
    assert "Traceback" not in sentence
    assert all(isinstance(problem, Problem) for problem in error.problems)


TABLE = """syntax = "proto3";
package io.confluent.tables;
{imports}
// (confluent.field_meta) in a comment stays
message Row {{
  option (confluent.message_meta) = {{ doc: "see (confluent.field_meta)" }};
  string city = 1 [( confluent . field_meta ).tags = "PII"];
}}
"""


@pytest.mark.parametrize("imports", ['import "confluent/meta.proto";', ""])
def test_options_of_confluent_are_found_below_its_own_package(imports: str) -> None:
    made = _proto(TABLE.format(imports=imports))
    assert made.text == TABLE.format(imports=imports)
    assert 'option (.confluent.message_meta) = { doc: "see (confluent.field_meta)" };' in made.identity
    assert '(.confluent.field_meta) = { tags: "PII" }' in made.identity
    assert _proto(made.identity).identity == made.identity


def test_an_option_that_a_nearer_package_declares_is_that_one() -> None:
    text = (
        'syntax = "proto2"; package io.confluent; import "google/protobuf/descriptor.proto";'
        "extend google.protobuf.MessageOptions { optional string message_meta = 50001; }"
        'message Row { option (confluent.message_meta) = "mine"; }'
    )
    assert '(.io.confluent.message_meta) = "mine"' in _proto(text).identity


def test_the_first_refusal_is_told_where_the_options_are_not_all_that_is_wrong() -> None:
    text = 'syntax = "proto3"; package io.confluent.x; message R { option (confluent.message_meta).nothing = 1; }'
    with pytest.raises(SchemaInvalid) as refused:
        _proto(text)
    assert "io.confluent.message_meta" in refused.value.problems[0].message


SAME_JSON_NAMES = 'syntax = "proto2"; message Seen { optional int32 eventKind = 1; optional int32 event_kind = 2; }'


def test_fields_of_proto2_may_have_one_name_in_protojson() -> None:
    made = _proto(SAME_JSON_NAMES)
    message = message_class(made)(eventKind=1, event_kind=2)
    assert message_class(made).FromString(message.SerializeToString()) == message
    assert "deprecated_legacy_json_field_conflicts" not in made.identity
    narrowed = _proto(SAME_JSON_NAMES.replace("optional int32 event_kind", "optional string event_kind"))
    assert [found.rule for found in can_read(narrowed, made)] == ["PROTO_WIRE_TYPE_CHANGED"]
    packed = base64.b64encode(descriptor_set(made).file[-1].SerializeToString()).decode()
    assert _proto(packed) == made


def test_fields_of_proto3_may_not() -> None:
    with pytest.raises(SchemaInvalid, match="eventKind"):
        _proto(SAME_JSON_NAMES.replace("proto2", "proto3").replace("optional ", ""))
