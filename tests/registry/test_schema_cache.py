"""The schema cache keeps parsed schemas for as long as they mean the same."""

import pytest

from moorings_compat import Format, Limits, Reference
from moorings_registry.commands import DeleteSubject
from moorings_registry.errors import ReferenceNotFound, SchemaInvalid
from moorings_registry.names import Subject
from moorings_registry.schema_cache import SchemaCache
from moorings_registry.state import State
from tests.registry.asking import Asked, avro, record, using

EMPTY = State()


def test_a_text_is_parsed_once() -> None:
    schema_cache = SchemaCache(Limits())
    first = schema_cache.parse(EMPTY, Format.AVRO, record("a"), ())
    assert schema_cache.parse(EMPTY, Format.AVRO, record("a"), ()) is first
    assert schema_cache.parse(EMPTY, Format.AVRO, first.text, ()) is first


def test_the_same_text_in_another_format_is_another_schema() -> None:
    schema_cache = SchemaCache(Limits())
    text = '{"type": "string"}'
    assert schema_cache.parse(EMPTY, Format.AVRO, text, ()) != schema_cache.parse(EMPTY, Format.JSON, text, ())


@pytest.mark.parametrize(("capacity", "characters"), [(6, 1_000_000), (1_000, 500)])
def test_the_least_recently_used_go_first(capacity: int, characters: int) -> None:
    schema_cache = SchemaCache(Limits(), capacity, characters)
    kept = schema_cache.parse(EMPTY, Format.AVRO, record("kept"), ())
    gone = schema_cache.parse(EMPTY, Format.AVRO, record("gone"), ())
    for number in range(10):
        schema_cache.parse(EMPTY, Format.AVRO, record(f"f{number}"), ())
        assert schema_cache.parse(EMPTY, Format.AVRO, record("kept"), ()) is kept
    assert schema_cache.parse(EMPTY, Format.AVRO, record("gone"), ()) is not gone


def test_an_invalid_schema_is_refused_every_time() -> None:
    schema_cache = SchemaCache(Limits())
    for _ in range(2):
        with pytest.raises(SchemaInvalid) as refused:
            schema_cache.parse(EMPTY, Format.AVRO, '{"type":"record","name":"A"}', ())
        assert refused.value.problems


def test_a_schema_is_parsed_again_when_its_reference_means_another_schema(asked: Asked) -> None:
    """A subject that was permanently deleted counts its versions from 1 again."""
    money = Subject.parse("Money")
    draft = avro(using("Money"), Reference("Money", "Money", 1))
    asked.register(record("old", name="Money"), money)
    asked.register(draft, "a")
    for subject in (Subject.parse("a"), money):
        for permanent in (False, True):
            asked.do(DeleteSubject(subject, permanent))
    asked.register(record("new", name="Money"), money)
    version = asked.register(draft, "a")
    schema_cache, state = asked.registry.dependencies.schema_cache, asked.registry.state
    resolved = schema_cache.schema(state, state.definitions[version.guid]).references[0].schema
    assert "new" in resolved.text


def test_a_reference_to_nothing_is_refused_although_it_was_known_once(asked: Asked) -> None:
    money = Subject.parse("Money")
    draft = avro(using("Money"), Reference("Money", "Money", 1))
    asked.register(record("old", name="Money"), money)
    asked.registry.read_candidate(asked.registry.state, Subject.parse("a"), draft)
    for permanent in (False, True):
        asked.do(DeleteSubject(money, permanent))
    with pytest.raises(ReferenceNotFound):
        asked.register(draft, "a")
