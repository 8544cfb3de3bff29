"""Features as the library and the runtime compute them are equal."""

import pytest
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.descriptor_pb2 import FeatureSet

from moorings_compat import Schema
from moorings_compat.protobuf.compiled import compiled
from moorings_compat.protobuf.features import Presence
from moorings_compat.protobuf.parts import parts_of
from moorings_compat.protobuf.types import COMPOSITE, Field
from tests.compat.protobuf.cases import source
from tests.compat.protobuf.corpus import FILES, shipped
from tests.compat.protobuf.test_printing import SOURCES


@pytest.mark.parametrize("text", SOURCES.values(), ids=SOURCES)
def test_computed_features_equal_those_of_the_runtime(text: str) -> None:
    _hold_against_the_runtime(source(text))


@pytest.mark.parametrize("path", FILES)
def test_computed_features_of_published_files_equal_those_of_the_runtime(path: str) -> None:
    _hold_against_the_runtime(shipped(path))


def _hold_against_the_runtime(schema: Schema) -> None:
    model = compiled(schema)
    for name, message in model.types.messages.items():
        descriptor = model.descriptor(name)
        for field in descriptor.fields:
            _same(message.by_number[field.number], field)
        for extension in model.pool.FindAllExtensions(descriptor):
            _same(message.by_number[extension.number], extension)
    for name, enum in model.types.enums.items():
        runtime = model.pool.FindEnumTypeByName(name)
        assert enum.closed == runtime.is_closed
        assert list(enum.symbols) == [(value.name, value.number) for value in runtime.values]


def _same(ours: Field, theirs: FieldDescriptor) -> None:
    assert ours.repeated == theirs.is_repeated
    assert ours.packed == theirs.is_packed
    assert (ours.presence is Presence.REQUIRED) == theirs.is_required
    if not ours.repeated:
        assert (ours.presence is not Presence.IMPLICIT) == theirs.has_presence
    assert ours.delimited == (theirs.type == FieldDescriptor.TYPE_GROUP)
    assert (ours.type == COMPOSITE) == (theirs.message_type is not None)
    if not theirs.is_extension:
        assert ours.json_name == theirs.json_name
    if not ours.repeated and ours.type != COMPOSITE:
        assert ours.default == theirs.default_value or str(ours.default) == str(theirs.default_value)
    if ours.type == "string":
        assert ours.utf8_checked == (theirs._GetFeatures().utf8_validation == FeatureSet.VERIFY)


GRAPHS = [  # the holders of each message, and the messages that are parts
    ({"a": [], "b": ["a"]}, {"b"}),
    ({"a": ["a"]}, set()),
    ({"a": ["b"], "b": ["a"]}, set()),
    ({"a": ["b"], "b": ["a"], "c": ["a"]}, {"c"}),
    ({"a": ["b", "top"], "b": ["a"], "top": []}, {"a", "b"}),
    ({"a": ["e"], "e": ["a"], "f": []}, set()),
]


@pytest.mark.parametrize(("holders", "parts"), GRAPHS)
def test_a_part_is_held_by_a_message_that_it_does_not_hold(holders: dict[str, list[str]], parts: set[str]) -> None:
    assert parts_of(holders) == parts
