"""Which names a schema's text uses without defining them, and which it can be called by; nothing is compiled.

| format | what a text uses | what it is called |
|---|---|---|
| Avro | full names of types that it does not define | the full names that it defines |
| JSON Schema | `$ref` and `$dynamicRef` to other documents | each `$id`, resolved against those around it |
| Protobuf | imports | by its path alone |
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from moorings_compat import DEFAULT_DIALECT, LARGEST_LIMITS, Dialect, Format, SchemaError
from moorings_compat.avro.unresolved import read_unresolved

_IMPORT = re.compile(r"""\bimport\s+(?:public\s+|weak\s+|option\s+)?(?P<quote>["'])(?P<path>[^"'\n]+)(?P=quote)\s*;""")
_COMMENT = re.compile(r"""//[^\n]*|/\*.*?\*/|("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')""", re.DOTALL)
_BUILT_IN_IMPORTS = ("google/protobuf/", "google/type/", "confluent/")


@dataclass(frozen=True, slots=True)
class UsedName:
    """One name that a text uses."""

    name: str
    """What a declared reference is called."""
    written: str
    """As the text has it: a `$ref` with its fragment."""
    uri: str = ""
    """Of a `$ref`: resolved against the `$id` around it, without the fragment."""
    place: str = ""
    """A JSON Pointer, or ``line 3, column 8``; empty where it is not known."""


@dataclass(frozen=True, slots=True)
class Names:
    """`own` are the names that others can refer to; `used` is in the order of the text, each name once."""

    own: tuple[str, ...] = ()
    used: tuple[UsedName, ...] = ()


@lru_cache(maxsize=4096)
def names_in(text: str, format: Format, dialect: Dialect = DEFAULT_DIALECT) -> Names:
    """Read the names in *text*; none where it cannot be read, which is for `parse` to say."""
    try:
        if format is Format.JSON:
            return _json_names(text, dialect)
        return _avro_names(text) if format is Format.AVRO else Names(used=tuple(_imports(text)))
    except SchemaError:
        return Names()


def _avro_names(text: str) -> Names:
    found = read_unresolved(text)
    return Names(found.defined, tuple(UsedName(name, name) for name in found.undefined))


def _json_names(text: str, dialect: Dialect) -> Names:
    # Imported here because only folders with JSON Schemas need the engine that reads them.
    from moorings_compat.json_schema.parse import read_names

    found = read_names(text, LARGEST_LIMITS, dialect)
    used: dict[str, UsedName] = {}
    for one in found.outside:
        used.setdefault(one.name, UsedName(one.name, one.text, one.uri, one.pointer))
    return Names(found.own, tuple(used.values()))


def _imports(text: str) -> Iterator[UsedName]:
    plain = _COMMENT.sub(lambda match: match[1] or re.sub(r"[^\n]", " ", match[0]), text)
    used: dict[str, UsedName] = {}
    for match in _IMPORT.finditer(plain):
        path, start = match["path"], match.start("quote")
        line, column = plain.count("\n", 0, start) + 1, start - plain.rfind("\n", 0, start)
        if not path.startswith(_BUILT_IN_IMPORTS):
            used.setdefault(path, UsedName(path, path, place=f"line {line}, column {column}"))
    yield from used.values()
