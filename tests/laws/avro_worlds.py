"""Random Avro schemas, edits and values: small worlds in which names collide and recursion is common.

Everything is drawn from one `random.Random`, so that a seed names a world; hypothesis hands in its own and shrinks it.
"""

import copy
from collections.abc import Iterator
from random import Random
from typing import Any

from moorings_compat.avro.model import (
    Array,
    AvroModel,
    Enum,
    Fixed,
    Map,
    Node,
    Primitive,
    Record,
    TypeName,
    Union,
    branch_name,
)
from moorings_compat.avro.smallest_values import smallest_values_of

SHORT_NAMES = ("A", "B", "C", "D")
NAMESPACES = ("", "x", "y")
FIELD_NAMES = ("f", "g", "h", "i", "j")
SYMBOLS = ("S", "T", "U", "V")
KINDS = ("null", "boolean", "int", "long", "float", "double", "bytes", "string")
LOGICAL = (
    {"type": "long", "logicalType": "time-micros"},
    {"type": "long", "logicalType": "timestamp-nanos"},
    {"type": "long", "logicalType": "local-timestamp-millis"},
    {"type": "bytes", "logicalType": "big-decimal"},
    {"type": "int", "logicalType": "date"},
    {"type": "int", "logicalType": "time-millis"},
    {"type": "long", "logicalType": "timestamp-millis"},
    {"type": "long", "logicalType": "timestamp-micros"},
    {"type": "string", "logicalType": "uuid"},
    {"type": "bytes", "logicalType": "decimal", "precision": 6, "scale": 2},
    {"type": "bytes", "logicalType": "decimal", "precision": 8, "scale": 3},
    {"type": "bytes", "logicalType": "decimal", "precision": 5, "scale": 2},
)


class SchemaMaker:
    """Makes schemas as JSON values, valid as far as names go; defaults are made to fit."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._defined: dict[str, dict[str, Any]] = {}

    def schema(self) -> Any:
        """Make a schema: mostly a record."""
        if self._random.random() < 0.7:
            return self._record("", 3)
        return self.type("", 3)

    def type(self, namespace: str, depth: int) -> Any:
        """Make a type for a place within *namespace*."""
        roll = self._random.random()
        if depth <= 0 or roll < 0.35:
            return self._leaf(namespace)
        if roll < 0.45:
            return {"type": "array", "items": self.type(namespace, depth - 1)}
        if roll < 0.52:
            return {"type": "map", "values": self.type(namespace, depth - 1)}
        if roll < 0.72:
            return self._union(namespace, depth - 1)
        return self._named(namespace, depth - 1)

    def field(self, name: str, namespace: str, depth: int) -> dict[str, Any]:
        """Make a field, with a default where one is easily made."""
        field: dict[str, Any] = {"name": name, "type": self.type(namespace, depth)}
        if self._random.random() < 0.4:
            default = self.default(field["type"])
            if default is not NO_DEFAULT:
                field["default"] = default
        if self._random.random() < 0.1:
            field["aliases"] = [self._random.choice(FIELD_NAMES)]
        return field

    def default(self, type: Any) -> Any:
        """Make a default for *type*; `NO_DEFAULT` where a definition would have to be looked up."""
        if isinstance(type, list):
            return self.default(self._random.choice(type)) if type else NO_DEFAULT
        if isinstance(type, dict):
            if type["type"] in ("array", "map"):
                return [] if type["type"] == "array" else {}
            if type["type"] == "enum":
                return self._random.choice(type["symbols"])
            if type["type"] == "fixed":
                return "\u00ff" * type["size"]
            if type["type"] == "record":
                return NO_DEFAULT
            return self.default(type["type"])
        return DEFAULTS.get(type, NO_DEFAULT)

    def _leaf(self, namespace: str) -> Any:
        if self._random.random() < 0.3:
            usable = [full for full in self._defined if "." in full or not namespace]
            if usable:
                return self._random.choice(usable)
        if self._random.random() < 0.15:
            return dict(self._random.choice(LOGICAL))
        return self._random.choice(KINDS)

    def _union(self, namespace: str, depth: int) -> list[Any]:
        branches: list[Any] = ["null"] if self._random.random() < 0.5 else []
        for _ in range(self._random.randrange(1, 4)):
            branch = self.type(namespace, depth)
            if not isinstance(branch, list):
                branches.append(branch)
        seen, kept = set(), []
        for branch in branches:
            word = branch if isinstance(branch, str) else branch.get("name", branch["type"])
            if isinstance(branch, dict) and "name" in branch:
                word = _full(branch, namespace)
            if word not in seen:
                kept.append(branch)
                seen.add(word)
        self._random.shuffle(kept)
        return kept

    def _named(self, namespace: str, depth: int) -> Any:
        roll = self._random.random()
        if roll < 0.5:
            return self._record(namespace, depth)
        if roll < 0.8:
            symbols = self._random.sample(SYMBOLS, self._random.randrange(1, len(SYMBOLS) + 1))
            made: dict[str, Any] = {"type": "enum", "symbols": symbols}
            if self._random.random() < 0.3:
                made["default"] = symbols[0]
        else:
            made = {"type": "fixed", "size": self._random.randrange(0, 4)}
        return self._define(made, namespace) or self._leaf(namespace)

    def _record(self, namespace: str, depth: int) -> Any:
        made = self._define({"type": "record", "fields": []}, namespace)
        if made is None:
            return self._leaf(namespace)
        own = _full(made, namespace).rpartition(".")[0]
        for name in self._random.sample(FIELD_NAMES, self._random.randrange(0, 4)):
            made["fields"].append(self.field(name, own, depth))
        return made

    def _define(self, made: dict[str, Any], namespace: str) -> dict[str, Any] | None:
        made["name"] = self._random.choice(SHORT_NAMES)
        spaces = [one for one in NAMESPACES if one] if namespace else list(NAMESPACES)
        made["namespace"] = self._random.choice(spaces)
        full = _full(made, namespace)
        if full in self._defined:
            return None
        if self._random.random() < 0.12:
            made["aliases"] = [self._random.choice(SHORT_NAMES)]
        self._defined[full] = made
        return made


NO_DEFAULT = object()
DEFAULTS: dict[str, Any] = {
    "null": None,
    "boolean": True,
    "int": 1,
    "long": 2,
    "float": 1.5,
    "double": 2.5,
    "bytes": "\u00fe",
    "string": "s",
}


def _full(made: dict[str, Any], namespace: str) -> str:
    space = made.get("namespace", namespace)
    return f"{space}.{made['name']}" if space else made["name"]


class Editor:
    """Changes schemas here and there; what comes out may be invalid, and whoever uses it has to look."""

    def __init__(self, random: Random) -> None:
        self._random = random

    def edited(self, schema: Any, times: int) -> Any:
        """Return a copy of *schema* with *times* random edits."""
        holder = {"root": copy.deepcopy(schema)}
        for _ in range(times):
            places = list(_types_in(holder, "root"))
            owner, key = self._random.choice(places)
            owner[key] = self._edit(owner[key])
        return holder["root"]

    def _edit(self, type: Any) -> Any:
        if isinstance(type, list):
            return self._edit_union(type)
        if isinstance(type, dict):
            edit = {
                "record": self._edit_record,
                "enum": self._edit_enum,
                "fixed": self._edit_fixed,
            }.get(type["type"])
            if edit is not None:
                edit(type)
                return type
        return self._edit_other(type)

    def _edit_union(self, branches: list[Any]) -> Any:
        roll = self._random.random()
        if roll < 0.35:
            branches.insert(self._random.randrange(len(branches) + 1), self._random.choice(KINDS))
        elif roll < 0.6 and branches:
            branches.pop(self._random.randrange(len(branches)))
        elif roll < 0.75 and branches:
            return self._random.choice(branches)
        else:
            self._random.shuffle(branches)
        return branches

    def _edit_record(self, record: dict[str, Any]) -> None:
        roll = self._random.random()
        fields = record["fields"]
        if roll < 0.3:
            made = SchemaMaker(self._random).field(self._random.choice(FIELD_NAMES), "x", 0)
            fields.insert(self._random.randrange(len(fields) + 1), made)
        elif roll < 0.5 and fields:
            fields.pop(self._random.randrange(len(fields)))
        elif roll < 0.6 and fields:
            field = self._random.choice(fields)
            if self._random.random() < 0.6:
                field["aliases"] = [field["name"], self._random.choice(FIELD_NAMES)][: self._random.randrange(1, 3)]
            field["name"] = self._random.choice(FIELD_NAMES)
        elif roll < 0.7 and fields:
            self._random.choice(fields).pop("default", None)
        elif roll < 0.85:
            self._random.shuffle(fields)
        else:
            self._rename(record)

    def _edit_enum(self, enum: dict[str, Any]) -> None:
        roll = self._random.random()
        symbols = enum["symbols"]
        if roll < 0.35:
            symbols.append(self._random.choice(SYMBOLS))
        elif roll < 0.6 and symbols:
            symbols.pop(self._random.randrange(len(symbols)))
        elif roll < 0.75:
            if symbols:
                enum["default"] = self._random.choice(symbols)
        elif roll < 0.85:
            enum.pop("default", None)
        else:
            self._rename(enum)

    def _edit_fixed(self, fixed: dict[str, Any]) -> None:
        if self._random.random() < 0.5:
            fixed["size"] = self._random.randrange(0, 4)
        else:
            self._rename(fixed)

    def _rename(self, named: dict[str, Any]) -> None:
        if self._random.random() < 0.5:
            named["aliases"] = [_full(named, "") if self._random.random() < 0.7 else named["name"]]
        if self._random.random() < 0.5:
            named["name"] = self._random.choice(SHORT_NAMES)
        else:
            named["namespace"] = self._random.choice(NAMESPACES)

    def _edit_other(self, type: Any) -> Any:
        roll = self._random.random()
        if roll < 0.3:
            return self._random.choice(KINDS)
        if roll < 0.45:
            return dict(self._random.choice(LOGICAL))
        if roll < 0.7:
            return self._random.choice((["null", type], [type, "null"], [type, "string"]))
        if roll < 0.8:
            return {"type": "array", "items": type}
        promoted = {"int": "long", "long": "double", "float": "double", "string": "bytes", "bytes": "string"}
        return promoted.get(type, type) if isinstance(type, str) else type


def _types_in(owner: Any, key: Any) -> Iterator[tuple[Any, Any]]:
    """Yield every place of a type below ``owner[key]``, itself first, as the container and the key in it."""
    yield owner, key
    type = owner[key]
    if isinstance(type, list):
        for index in range(len(type)):
            yield from _types_in(type, index)
    elif isinstance(type, dict):
        for part in ("items", "values"):
            if part in type:
                yield from _types_in(type, part)
        for field in type.get("fields", ()):
            yield from _types_in(field, "type")


class ValueMaker:
    """Makes values of a schema, unions as pairs of a branch's name and a value."""

    def __init__(self, model: AvroModel, random: Random) -> None:
        self._model = model
        self._random = random
        self._least = smallest_values_of(model)

    def value(self) -> Any:
        """Make a value of the root, which must have any."""
        return self._value(self._model.root, 0)

    def _value(self, node: Node, depth: int) -> Any:
        if isinstance(node, Primitive):
            return self._primitive(node.kind)
        if isinstance(node, Array):
            return [self._value(node.items, depth + 1) for _ in range(self._count(node.items, depth))]
        if isinstance(node, Map):
            return {
                f"k{index}": self._value(node.values, depth + 1) for index in range(self._count(node.values, depth))
            }
        if isinstance(node, Union):
            branches = [branch for branch in node.branches if self._least.exists(branch)]
            branch = self._least.branch(node)[1] if depth > 6 else self._random.choice(branches)
            return branch_name(branch), self._value(branch, depth + 1)
        return self._named(node, depth)

    def _named(self, node: TypeName, depth: int) -> Any:
        named = self._model.types[node.full]
        if isinstance(named, Record):
            return {field.name: self._value(field.type, depth + 1) for field in named.fields}
        if isinstance(named, Enum):
            return self._random.choice(named.symbols)
        assert isinstance(named, Fixed)
        return self._random.randbytes(named.size)

    def _count(self, node: Node, depth: int) -> int:
        return self._random.randrange(0, 3) if depth < 5 and self._least.exists(node) else 0

    def _primitive(self, kind: str) -> Any:
        return self._random.choice(VALUES[kind])


VALUES: dict[str, tuple[Any, ...]] = {
    "null": (None,),
    "boolean": (True, False),
    "int": (0, -1, 2**31 - 1, -(2**31)),
    "long": (0, 1, 2**63 - 1, -(2**63)),
    "float": (0.0, -1.5),
    "double": (0.0, 2.5),
    "bytes": (b"", b"\x00", b"text"),
    "string": ("", "text", "\u00e9"),
}


def respelled(schema: Any, random: Random) -> Any:
    """Say the same in other words: full names for short ones, aliases and keys in another order."""
    return _respelled(schema, "", random)


def _respelled(type: Any, namespace: str, random: Random) -> Any:
    if isinstance(type, str):
        full = type if type in KINDS or "." in type or not namespace else f"{namespace}.{type}"
        if type in KINDS:
            return type
        return full
    if isinstance(type, list):
        return [_respelled(branch, namespace, random) for branch in type]
    said = dict(type)
    inner = namespace
    if "name" in said:
        full = _full(said, namespace)
        inner = full.rpartition(".")[0]
        said["aliases"] = [
            alias if "." in alias or not inner else f"{inner}.{alias}" for alias in said.get("aliases", ())
        ]
        random.shuffle(said["aliases"])
        if not said["aliases"]:
            del said["aliases"]
        said["name"] = full
        if inner:
            said["namespace"] = random.choice(("ignored", inner))
    for part in ("items", "values"):
        if part in said:
            said[part] = _respelled(said[part], inner, random)
    if "fields" in said:
        said["fields"] = [field | {"type": _respelled(field["type"], inner, random)} for field in said["fields"]]
    keys = list(said)
    random.shuffle(keys)
    return {key: said[key] for key in keys}
