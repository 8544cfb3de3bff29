"""What can be found of an event: the names, documentation and tags in its schemas, read from their texts.

Texts are read without resolving anything, since an index needs words and not types: that is a hundred times cheaper.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from moorings_compat import Format
from moorings_registry.search.words import spelled_out
from moorings_registry.state import Declaration, Definition, State, SubjectState

_LONGEST = 20_000
"""Characters of one column of an event; a schema may have a million."""
_MOST_NODES = 20_000
_COMMENT = re.compile(r"//([^\n]*)|/\*(.*?)\*/", re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"')
_PROTO_NAME = re.compile(r"\b(?:message|enum|oneof)\s+(\w+)|\b(\w+)\s*=\s*\d+")
_DOCS = frozenset(("doc", "description", "title"))
_NAMING = frozenset(("properties", "$defs", "definitions"))
_SYMBOLS = frozenset(("symbols", "enum"))


@dataclass(frozen=True, slots=True)
class Contents:
    """The texts of one document of the index, a column each."""

    name: str
    fields: str = ""
    docs: str = ""
    tags: str = ""
    topics: str = ""
    people: str = ""
    """Owners, teams, contacts, handlers."""

    @property
    def columns(self) -> tuple[str, ...]:
        return (self.name, self.fields, self.docs, self.tags, self.topics, self.people)


def event_contents(state: State, held: SubjectState, declared: Declaration | None) -> Contents:
    """What can be found of an event: its name, its newest revision of each major, and its declaration."""
    names: dict[str, None] = {}
    docs: dict[str, None] = {}
    tags: dict[str, None] = {}
    newest = {one.major: one for one in held.active}
    for version in newest.values():
        definition = state.definitions.get(version.guid)
        if definition is not None:
            _read(definition, names, docs)
            for path, told in ((definition.metadata or {}).get("tags") or {}).items():
                tags.update(dict.fromkeys((*told, path)))
            tags.update(dict.fromkeys(map(str, ((definition.metadata or {}).get("properties") or {}))))
    topics: tuple[str, ...] = ()
    people = ""
    if declared is not None:
        docs.update(dict.fromkeys((declared.description,)))
        topics, people = declared.topics, declared.handler
    return Contents(
        spelled_out([str(held.subject)]),
        spelled_out(names)[:_LONGEST],
        " ".join(docs)[:_LONGEST],
        spelled_out(tags)[:_LONGEST],
        spelled_out(topics)[:_LONGEST],
        spelled_out([people]),
    )


def _read(definition: Definition, names: dict[str, None], docs: dict[str, None]) -> None:
    for is_doc, text in _READERS[definition.format](definition.text):
        (docs if is_doc else names)[text] = None


def _json(text: str) -> Iterator[tuple[bool, str]]:
    """Names of fields, types, properties and symbols, and documentation, in Avro and in JSON Schema."""
    try:
        waiting: list[Any] = [orjson.loads(text)]
    except orjson.JSONDecodeError:
        return
    for _ in range(_MOST_NODES):
        if not waiting:
            return
        node = waiting.pop()
        if isinstance(node, list):
            waiting += node
        elif isinstance(node, dict):
            for key, value in node.items():
                yield from _of_member(key, value)
                if isinstance(value, dict | list) and key not in _SYMBOLS:
                    waiting.append(value)


def _of_member(key: str, value: Any) -> Iterator[tuple[bool, str]]:
    """What one member of an object says."""
    if isinstance(value, str) and (key in _DOCS or key == "name"):
        yield key in _DOCS, value
    elif key in _SYMBOLS and isinstance(value, list):
        yield from ((False, one) for one in value if isinstance(one, str))
    elif key in _NAMING and isinstance(value, dict):
        yield from ((False, one) for one in value)


def _proto(text: str) -> Iterator[tuple[bool, str]]:
    """Names of messages, enums and their members, and comments."""
    for found in _COMMENT.finditer(text):
        yield True, (found[1] or found[2] or "").strip()
    bare = _STRING.sub('""', _COMMENT.sub(" ", text))
    for found in _PROTO_NAME.finditer(bare):
        yield False, found[1] or found[2]


_READERS: dict[Format, Callable[[str], Iterator[tuple[bool, str]]]] = {
    Format.AVRO: _json,
    Format.JSON: _json,
    Format.PROTOBUF: _proto,
}
