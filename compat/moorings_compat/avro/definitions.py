"""From JSON values to nodes: one method for each kind of type, problems gathered on the way."""

import json
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import lru_cache
from typing import Any

from moorings_compat.avro.logical import logical_of
from moorings_compat.avro.model import (
    NO_ATTRIBUTES,
    Definition,
    Enum,
    Field,
    Fixed,
    Node,
    Union,
    array_of,
    branch_name,
    map_of,
    primitive_of,
    record_of,
    type_name,
    union_of,
)
from moorings_compat.avro.names import (
    COMPLEX,
    PRIMITIVES,
    full_name,
    is_full_name,
    is_name,
    namespace_of,
    own_namespace,
    short_name,
)
from moorings_compat.errors import Problem

_PLAIN = {kind: primitive_of(kind) for kind in PRIMITIVES}
_NOTHING = _PLAIN["null"]
_ORDERS = ("ascending", "descending", "ignore")
_LARGEST_FIXED = 2**31 - 1
_LONGEST_EXCERPT = 60
_LONGEST_SHARED = 200
"""Characters of the name and the documentation of a field that is kept for the next schema with the same one."""
_FIELD_KEYS = frozenset(("name", "type", "default", "aliases", "order", "doc"))
_DEFINITION_KEYS = frozenset(("type", "name", "namespace", "aliases", "doc", "fields", "symbols", "size", "default"))
_LOGICAL_KEYS = frozenset(("logicalType", "precision", "scale"))


class DefinitionReader:
    """Reads one text. `types` fills with what it defines, beside what was *known*; `problems` and `missing`
    (names without a definition) with what is wrong; `defaults` with the place of each default, to be checked at the
    end. `may_lack_values` tells whether anything recurses or is empty.
    """

    def __init__(self, known: Mapping[str, Definition]) -> None:
        self.types: dict[str, Definition] = dict(known)
        self.problems: list[Problem] = []
        self.missing: list[Problem] = []
        self.defaults: list[tuple[str, str, Field]] = []
        self.may_lack_values = False
        self._defined_at: dict[str, str] = {full: named.at for full, named in known.items()}
        self._used: dict[str, str] = {}
        """Names that were not known where they were used, as full names, and as they are written."""

    def undefined(self) -> Iterator[str]:
        """Yield the full names that were used and are defined nowhere, not even later or without a namespace."""
        for full, name in self._used.items():
            if full not in self._defined_at and name not in self._defined_at:
                yield full

    def node(self, value: Any, namespace: str, at: str) -> Node:
        """Read a type; *namespace* is that of the enclosing definition, *at* the JSON Pointer of *value*."""
        if isinstance(value, str):
            return _PLAIN.get(value) or self._type_name(value, namespace, at)
        if isinstance(value, list):
            return self._read_union(value, namespace, at)
        if isinstance(value, dict):
            return self._read_object(value, namespace, at)
        return self._report(at, f"{_excerpt(value)} is not a type; a type is a name, an object or an array of types")

    def _read_object(self, value: dict[str, Any], namespace: str, at: str) -> Node:
        kind = value.get("type")
        if not isinstance(kind, str):
            if "type" not in value:
                return self._report(at, 'the object has no "type"')
            return self._report(
                f"{at}/type", '"type" is not a name; replace the enclosing object with the type given here'
            )
        if kind in _PLAIN:
            logical = logical_of(value, kind) if "logicalType" in value else None
            return primitive_of(kind, logical) if logical else _PLAIN[kind]
        if kind in ("record", "error"):
            return self._read_record(value, namespace, at)
        if kind == "array":
            return array_of(self._read_part(value, "items", namespace, at))
        if kind == "map":
            return map_of(self._read_part(value, "values", namespace, at))
        if kind == "enum":
            return self._read_enum(value, namespace, at)
        if kind == "fixed":
            return self._read_fixed(value, namespace, at)
        return self._type_name(kind, namespace, f"{at}/type")

    def _read_part(self, value: dict[str, Any], key: str, namespace: str, at: str) -> Node:
        if key not in value:
            return self._report(at, f'"{key}" is missing: the type of what the {value["type"]} contains')
        return self.node(value[key], namespace, f"{at}/{key}")

    def _type_name(self, name: str, namespace: str, at: str) -> Node:
        full = full_name(name, namespace)
        if full in self._defined_at:
            if full in COMPLEX:
                return self._report(
                    at, f'"{full}" is the name of a kind of type; to use your type by name, give it a namespace'
                )
            self.may_lack_values |= full not in self.types  # its own definition is what encloses this place
            return type_name(full)
        if name in COMPLEX:
            return self._report(at, f'"{name}" alone is not a type; {_AN_EXAMPLE[name]}')
        if not is_full_name(name):
            return self._report(at, f"{_excerpt(name)} is not a name: use letters, digits and _, with dots between")
        hint = ""
        if full != name and name in self._defined_at:
            hint = f": {name} is defined without a namespace, and here names without a dot belong to {namespace}"
        self._used.setdefault(full, name)
        self.missing.append(Problem(at, f"{full} is not defined earlier in the schema or by a reference{hint}"))
        return _NOTHING

    def _read_union(self, value: list[Any], namespace: str, at: str) -> Node:
        branches: list[Node] = []
        seen: set[str] = set()
        for index, one in enumerate(value):
            complaints = len(self.problems) + len(self.missing)
            branch = self.node(one, namespace, f"{at}/{index}")
            branches.append(branch)
            if len(self.problems) + len(self.missing) > complaints:
                continue  # the stand-in of a broken branch needs no further report, and is not what the text says
            if isinstance(branch, Union):
                self._report(f"{at}/{index}", "a union directly within a union; put its branches here")
                continue
            name = branch_name(branch)
            if name in seen:
                self._report(f"{at}/{index}", f"a second branch {name}; no reader could tell the two apart")
            seen.add(name)
        self.may_lack_values |= not branches
        return union_of(tuple(branches))

    def _read_record(self, value: dict[str, Any], namespace: str, at: str) -> Node:
        full = self._define(value, namespace, at)
        fields = value.get("fields")
        if not isinstance(fields, list):
            return self._report(at, '"fields" is missing or not an array; the array may be empty')
        inner = namespace_of(full)
        read = [
            _plain_field(one) or self._read_field(one, full, inner, f"{at}/fields/{index}")
            for index, one in enumerate(fields)
        ]
        kept = tuple([one for one in read if one is not None])
        if len({one.name for one in kept}) < len(kept):
            self._report_repeated([one.name if one else None for one in read], f"{at}/fields", "field")
        aliases = self._type_aliases(value, inner, at)
        self.types[full] = record_of(full, aliases, kept, at, value["type"], *_described(value, _DEFINITION_KEYS))
        return type_name(full)

    def _read_field(self, value: Any, owner: str, namespace: str, at: str) -> Field | None:
        if not isinstance(value, dict):
            self._report(at, f"{_excerpt(value)} is not a field; a field is an object")
            return None
        name = value.get("name")
        if not isinstance(name, str) or not is_name(name):
            self._report(f"{at}/name" if "name" in value else at, f"the field has no valid name: {_name_fault(name)}")
            name = ""
        if "type" not in value:
            self._report(at, 'the field has no "type"')
            return None
        if value.get("order", "ascending") not in _ORDERS:
            self._report(f"{at}/order", f"unknown order; the orders are {', '.join(_ORDERS)}")
        node = self.node(value["type"], namespace, f"{at}/type")
        aliases = tuple(self._strings(value, "aliases", at)) if "aliases" in value else ()
        doc, attributes = _described(value, _FIELD_KEYS)
        if "default" not in value:
            return Field(name, node, aliases, False, None, doc, attributes)
        field = Field(name, node, aliases, True, value["default"], doc, attributes)
        self.defaults.append((f"{at}/default", owner, field))
        return field

    def _read_enum(self, value: dict[str, Any], namespace: str, at: str) -> Node:
        full = self._define(value, namespace, at)
        if not isinstance(value.get("symbols"), list):
            return self._report(at, '"symbols" is missing or not an array of names')
        symbols = self._strings(value, "symbols", at)
        for index, symbol in enumerate(symbols):
            if not is_name(symbol):
                self._report(f"{at}/symbols/{index}", f"invalid symbol: {_name_fault(symbol)}")
        if len(set(symbols)) < len(symbols):
            self._report_repeated(symbols, f"{at}/symbols", "symbol")
        default = value.get("default")
        if "default" in value and default not in symbols:
            self._report(f"{at}/default", f"the default {_excerpt(default)} is not among the symbols")
        self.may_lack_values |= not symbols
        aliases = self._type_aliases(value, namespace_of(full), at)
        described = _described(value, _DEFINITION_KEYS)
        default = default if isinstance(default, str) else None
        self.types[full] = Enum(full, aliases, tuple(symbols), default, at, *described)
        return type_name(full)

    def _read_fixed(self, value: dict[str, Any], namespace: str, at: str) -> Node:
        full = self._define(value, namespace, at)
        size = value.get("size")
        if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size <= _LARGEST_FIXED:
            where = f"{at}/size" if "size" in value else at
            return self._report(where, f'"size" is missing or not a whole number of bytes from 0 to {_LARGEST_FIXED}')
        aliases = self._type_aliases(value, namespace_of(full), at)
        described = _described(value, _DEFINITION_KEYS | _LOGICAL_KEYS)
        self.types[full] = Fixed(full, aliases, size, logical_of(value, "fixed", size), at, *described)
        return type_name(full)

    def _define(self, value: dict[str, Any], namespace: str, at: str) -> str:
        """Return the full name of a definition, which is taken from here on; report what is wrong with it."""
        name = value.get("name")
        if not isinstance(name, str) or not is_full_name(name):
            self._report(
                f"{at}/name" if "name" in value else at, f"the {value['type']} has no valid name: {_name_fault(name)}"
            )
            return full_name("unnamed", namespace)
        own = own_namespace(value, namespace)
        if "." not in name and not (isinstance(own, str) and (own == "" or is_full_name(own))):
            self._report(f"{at}/namespace", "invalid namespace; a namespace is empty, or names with dots between them")
            own = namespace
        full = full_name(name, own) if isinstance(own, str) else name
        if short_name(full) in PRIMITIVES:
            self._report(f"{at}/name", f"{short_name(full)} is the name of a primitive type")
        elif full in self._defined_at:
            place = self._defined_at[full] or "the top"
            self._report(f"{at}/name", f"{full} is already defined, at {place}; refer to it by name")
        self._defined_at.setdefault(full, at)
        return full

    def _type_aliases(self, value: dict[str, Any], namespace: str, at: str) -> tuple[str, ...]:
        if "aliases" not in value:
            return ()
        return tuple(full_name(alias, namespace) for alias in self._strings(value, "aliases", at))

    def _strings(self, value: dict[str, Any], key: str, at: str) -> list[str]:
        found = value[key]
        if not isinstance(found, list):
            self._report(f"{at}/{key}", f'"{key}" is not an array of strings')
            return []
        for index, one in enumerate(found):
            if not isinstance(one, str):
                self._report(f"{at}/{key}/{index}", f"{_excerpt(one)} is not a string")
        return [one for one in found if isinstance(one, str)]

    def _report_repeated(self, names: list[Any], at: str, word: str) -> None:
        seen: set[Any] = set()
        for index, name in enumerate(names):
            if name in seen and name:
                self._report(f"{at}/{index}", f"duplicate {word} {name}")
            seen.add(name)

    def _report(self, at: str, message: str) -> Node:
        self.problems.append(Problem(at, message))
        return _NOTHING


_AN_EXAMPLE = {
    "array": 'an array is written {"type": "array", "items": ...}',
    "map": 'a map is written {"type": "map", "values": ...}',
    "union": "a union is written as an array of types",
    "record": 'a record is written {"type": "record", "name": ..., "fields": [...]}',
    "error": 'an error is written {"type": "error", "name": ..., "fields": [...]}',
    "enum": 'an enum is written {"type": "enum", "name": ..., "symbols": [...]}',
    "fixed": 'a fixed is written {"type": "fixed", "name": ..., "size": ...}',
}


def _plain_field(value: Any) -> Field | None:
    """The field that *value* is, where that has a primitive type, perhaps a short documentation, and nothing else.

    Most fields are like this. None for every other one, and where its name is not valid.
    """
    if type(value) is not dict:
        return None
    name, kind, doc = value.get("name"), value.get("type"), value.get("doc", "")
    if type(name) is not str or type(kind) is not str or type(doc) is not str or kind not in _PLAIN:
        return None
    if len(value) > 2 + ("doc" in value) or len(name) + len(doc) > _LONGEST_SHARED:
        return None
    return _shared_field(name, kind, doc)


@lru_cache(maxsize=4096)
def _shared_field(name: str, kind: str, doc: str) -> Field | None:
    """A revision has nearly all fields of the one before it: they share them."""
    return Field(name, _PLAIN[kind], doc=doc) if is_name(name) else None


def _described(value: dict[str, Any], specified: AbstractSet[str]) -> tuple[str, Mapping[str, Any]]:
    """Return the documentation of a definition or field, and its attributes beyond those *specified*."""
    doc = value.get("doc", "")
    attributes = NO_ATTRIBUTES
    if not specified >= value.keys():
        attributes = {key: one for key, one in value.items() if key not in specified}
    return doc if isinstance(doc, str) else "", attributes


def _name_fault(name: Any) -> str:
    if name is None:
        return '"name" is missing'
    return f"{_excerpt(name)} is not a name: use a letter or _, then letters, digits and _"


def _excerpt(value: Any) -> str:
    """Quote a piece of the sender's text, shortened."""
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "an array"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_EXCERPT else text[:_LONGEST_EXCERPT] + "..."
