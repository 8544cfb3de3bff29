"""Answers of any shape: a value, or one error, which says that the answer is not from a registry."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moorings.api.responses import (
    read_domain,
    read_domains,
    read_event,
    read_events,
    read_stored,
    read_version,
    read_versions,
)
from moorings.errors import AnswerInvalid

GUID = "00000000-0000-0000-0000-000000000000"
REVISION = {"version": 1, "label": "1.0", "id": 1, "guid": GUID}
REFERENCE = {"name": "a", "subject": "a.B", "version": 1}
VERSION = {**REVISION, "subject": "a.B", "major": 1, "revision": 0, "format": "AVRO", "references": [REFERENCE]}
STORED = {"id": 1, "guid": GUID, "format": "AVRO", "schema": '"string"', "references": [REFERENCE]}
EVENT = {"subject": "a.B", "format": "AVRO", "majors": [{"major": 1, "revisions": [REVISION]}]}
DOMAIN = {"domain": "a", "owner": "team", "contacts": ["x"], "policy": {}, "events": 1}
READERS: list[tuple[Callable[[Any], Any], Any]] = [
    (read_version, VERSION),
    (read_versions, {"versions": [VERSION]}),
    (read_stored, STORED),
    (read_event, EVENT),
    (read_events, {"events": [EVENT]}),
    (read_domain, DOMAIN),
    (read_domains, {"domains": [DOMAIN]}),
]
scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
anything = st.recursive(scalars, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=5)


def places(found: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of everything inside."""
    if isinstance(found, dict):
        return [one for key in found for one in [(*path, key), *places(found[key], (*path, key))]]
    if isinstance(found, list):
        return [one for place in range(len(found)) for one in [(*path, place), *places(found[place], (*path, place))]]
    return []


def said_of(read: Callable[[Any], Any], answer: Any) -> str:
    """Read an answer; return what the error says, nothing where there is none."""
    try:
        read(answer)
    except AnswerInvalid as error:
        return "is not" if "response is not" in str(error) else str(error)
    return ""


def test_complete_responses_are_read() -> None:
    assert [bool(read(answer)) for read, answer in READERS] == [True] * len(READERS)


@pytest.mark.parametrize(("read", "answer"), READERS)
@given(data=st.data())
@settings(max_examples=60, derandomize=True, deadline=None)
def test_a_damaged_response_is_read_or_refused_as_invalid(
    read: Callable[[Any], Any], answer: Any, data: st.DataObject
) -> None:
    spoiled = copy.deepcopy(answer)
    *way, last = data.draw(st.sampled_from(places(answer)))
    inside = spoiled
    for step in way:
        inside = inside[step]
    if data.draw(st.booleans()) and isinstance(inside, dict):
        del inside[last]
    else:
        inside[last] = data.draw(anything)
    assert said_of(read, spoiled) in ("", "is not")


@pytest.mark.parametrize(("read", "answer"), READERS)
@given(found=anything)
@settings(max_examples=40, derandomize=True, deadline=None)
def test_arbitrary_json_is_refused_as_an_invalid_response(read: Callable[[Any], Any], answer: Any, found: Any) -> None:
    with pytest.raises(AnswerInvalid):
        read(found)
