"""The slow path of an event: every violation with its location, or the event in the types that the encoder takes.

This examination defines what a valid event is. The generated encoder is its fast twin: what it writes is valid here,
and what it refuses is examined here to learn why.

| type | values taken |
|---|---|
| boolean, null | `bool`, `None` |
| int, long | `int`, not `bool` |
| float, double | `float`, and an `int` that the type holds exactly |
| string, enum | `str` |
| bytes, fixed | `bytes`, `bytearray` |
| array, map, record | list or tuple; mappings with text keys. A record's field may be left out when it has a default |
| dates and times | `datetime` and its kin, or the number that is written |
| decimal, big-decimal | `Decimal` |
| uuid | `UUID` or its text; on a fixed, its 16 bytes too |
| union | what the first fitting branch takes, numbers preferring their own type; or `(branch name, value)` |
"""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID

from moorings.codecs.avro.defaults import default_value
from moorings.codecs.avro.labels import Resolved, label
from moorings.codecs.avro.logical import (
    CLOCKS,
    Clock,
    decimal_unscaled,
    python_logical,
    uuid_bytes,
    uuid_text,
)
from moorings.violations import MOST_VIOLATIONS, Broken, Violation, meant, type_name
from moorings_compat.avro import (
    MOST_DIGITS,
    Array,
    AvroModel,
    Enum,
    Fixed,
    Logical,
    Map,
    Node,
    Primitive,
    Record,
    Union,
    branch_name,
    write_big_decimal,
)
from moorings_compat.json_text import pointer

_MOST_MEANT = 1_000
"""Fields of a record among which a similar name is looked for."""
_BOUNDS = {"int": (-(2**31), 2**31 - 1), "long": (-(2**63), 2**63 - 1)}
_LONGEST_KEY = 100


@dataclass(slots=True)
class Examined:
    """`normal` is the event in plain Python types, meaningful only where `violations` is empty."""

    violations: list[Violation] = field(default_factory=list)
    normal: Any = None


def examine(model: AvroModel, value: Any) -> Examined:
    """Examine the whole of *value*; at most `MOST_VIOLATIONS` are collected."""
    examination = _Examination(model, {})
    try:
        normal = examination.value(model.root, value, ())
    except RecursionError:
        return Examined([Violation("", "an event that is nested less deep", Broken.TOO_DEEP)])
    return Examined(examination.found, normal)


class _Examination:
    """One pass. `tried` remembers the result of trying a branch of a union on a value, by their ids: without it, unions
    inside unions would be examined again and again.
    """

    def __init__(self, model: AvroModel, tried: dict[tuple[int, int], Examined]) -> None:
        self.model = model
        self.tried = tried
        self.found: list[Violation] = []

    def refuse(self, path: tuple[str | int, ...], expected: str, rule: Broken, got: str = "") -> None:
        if len(self.found) < MOST_VIOLATIONS:
            self.found.append(Violation(pointer(*path), expected, rule, got=got))

    def value(self, type: Node, value: Any, path: tuple[str | int, ...]) -> Any:
        """Return *value* in plain types; what is wrong with it is added to `found`."""
        meant = self.model.resolve(type)
        if isinstance(meant, Primitive):
            return self._examine_primitive(meant, value, path)
        if isinstance(meant, Record):
            return self._examine_record(meant, value, path)
        if isinstance(meant, Union):
            return self._examine_union(meant, value, path)
        if isinstance(meant, Array):
            return self._examine_array(meant, value, path)
        if isinstance(meant, Map):
            return self._examine_map(meant, value, path)
        if isinstance(meant, Enum):
            return self._examine_enum(meant, value, path)
        return self._examine_fixed(meant, value, path)

    def _examine_record(self, type: Record, value: Any, path: tuple[str | int, ...]) -> Any:
        if not isinstance(value, Mapping):
            return self.refuse(path, f"record {type.full}", Broken.TYPE_WRONG, type_name(value))
        normal = {}
        for one in type.fields:
            if one.name in value:
                normal[one.name] = self.value(one.type, value[one.name], (*path, one.name))
            elif one.has_default:
                # The schema has bytes and decimals as text, which fastavro does not convert. The default is freed after
                # its examination, and another value may get its id: so what it tries is kept apart.
                try:
                    default = default_value(one.default, one.type, self.model)
                except (ValueError, OverflowError):  # no event can have it: the field has to be given
                    self.refuse((*path, one.name), label(self.model, one.type), Broken.FIELD_MISSING)
                    continue
                normal[one.name] = _Examination(self.model, {}).value(one.type, default, ())
            else:
                self.refuse((*path, one.name), label(self.model, one.type), Broken.FIELD_MISSING)
        declared = {one.name for one in type.fields}
        for key in value:
            if key not in declared:
                hint = meant(key, declared) if isinstance(key, str) and len(declared) <= _MOST_MEANT else ""
                expected = f"no such field in {type.full}{hint}"
                self.refuse((*path, _key_label(key)), expected, Broken.FIELD_UNDECLARED)
        return normal

    def _examine_array(self, type: Array, value: Any, path: tuple[str | int, ...]) -> Any:
        if not isinstance(value, list | tuple):
            return self.refuse(path, label(self.model, type), Broken.TYPE_WRONG, type_name(value))
        return [self.value(type.items, item, (*path, place)) for place, item in enumerate(value)]

    def _examine_map(self, type: Map, value: Any, path: tuple[str | int, ...]) -> Any:
        if not isinstance(value, Mapping):
            return self.refuse(path, label(self.model, type), Broken.TYPE_WRONG, type_name(value))
        normal = {}
        for key, item in value.items():
            if isinstance(key, str) and _is_text(key):
                normal[str.__str__(key)] = self.value(type.values, item, (*path, _key_label(key)))
            else:
                self.refuse((*path, _key_label(key)), "keys that are text", Broken.TYPE_WRONG, type_name(key))
        return normal

    def _examine_enum(self, type: Enum, value: Any, path: tuple[str | int, ...]) -> Any:
        if not isinstance(value, str):
            return self.refuse(path, f"a symbol of {type.full}", Broken.TYPE_WRONG, type_name(value))
        symbol = str.__str__(value)
        if symbol not in type.symbols:
            return self.refuse(path, f"a symbol of {type.full}: {_symbol_list(type.symbols)}", Broken.SYMBOL_UNKNOWN)
        return symbol

    def _examine_fixed(self, type: Fixed, value: Any, path: tuple[str | int, ...]) -> Any:
        logical = python_logical(type)
        if logical is not None and logical.name == "uuid":
            return self._examine_uuid(uuid_bytes, value, path)
        if logical is not None:
            return self._examine_decimal(type, logical, value, path)
        if not isinstance(value, bytes | bytearray):
            return self.refuse(path, label(self.model, type), Broken.TYPE_WRONG, type_name(value))
        if len(value) != type.size:
            return self.refuse(path, label(self.model, type), Broken.SIZE_WRONG)
        return bytes(value)

    def _examine_primitive(self, type: Primitive, value: Any, path: tuple[str | int, ...]) -> Any:
        logical = python_logical(type)
        if logical is not None:
            return self._examine_logical(type, logical, value, path)
        kind = type.kind
        if kind == "null" or kind == "boolean":
            if value is None if kind == "null" else isinstance(value, bool):
                return value
            return self.refuse(path, kind, Broken.TYPE_WRONG, type_name(value))
        if kind == "int" or kind == "long":
            return self._examine_whole(type, value, path)
        if kind == "float" or kind == "double":
            return self._examine_fraction(kind, value, path)
        if kind == "bytes":
            if isinstance(value, bytes | bytearray):
                return bytes(value)
            return self.refuse(path, kind, Broken.TYPE_WRONG, type_name(value))
        return self._examine_text(value, path)

    def _examine_text(self, value: Any, path: tuple[str | int, ...]) -> Any:
        if not isinstance(value, str):
            return self.refuse(path, "string", Broken.TYPE_WRONG, type_name(value))
        if not _is_text(value):
            return self.refuse(path, "text without lone surrogates", Broken.TEXT_INVALID)
        return str.__str__(value)

    def _examine_whole(self, type: Primitive, value: Any, path: tuple[str | int, ...]) -> Any:
        if not isinstance(value, int) or isinstance(value, bool):
            return self.refuse(path, label(self.model, type), Broken.TYPE_WRONG, type_name(value))
        lowest, highest = _BOUNDS[type.kind]
        if not lowest <= value <= highest:
            return self.refuse(path, f"{type.kind}, from {lowest} to {highest}", Broken.NUMBER_OUT_OF_RANGE)
        return int(value)

    def _examine_fraction(self, kind: str, value: Any, path: tuple[str | int, ...]) -> Any:
        if isinstance(value, bool) or not isinstance(value, float | int):
            return self.refuse(path, kind, Broken.TYPE_WRONG, type_name(value))
        try:
            number = exact_float(value, kind)
        except (OverflowError, ValueError):
            return self.refuse(path, f"a number that {kind} holds", Broken.NUMBER_OUT_OF_RANGE)
        return number

    def _examine_logical(self, type: Primitive, logical: Logical, value: Any, path: tuple[str | int, ...]) -> Any:
        if logical.name == "decimal":
            return self._examine_decimal(type, logical, value, path)
        if logical.name == "big-decimal":
            return self._examine_big_decimal(type, value, path)
        if logical.name == "uuid":
            return self._examine_uuid(uuid_text, value, path)
        return self._examine_clock(type, CLOCKS[logical.name], value, path)

    def _examine_clock(self, type: Primitive, clock: Clock, value: Any, path: tuple[str | int, ...]) -> Any:
        expected = f"{label(self.model, type)}: {clock.expected}"
        if isinstance(value, int) and not isinstance(value, bool):
            if clock.lowest <= value <= clock.highest:
                return int(value)
            return self.refuse(path, expected, Broken.DATE_TIME_INVALID)
        if not isinstance(value, clock.python_type):
            known = isinstance(value, date | time)
            rule = Broken.DATE_TIME_INVALID if known else Broken.TYPE_WRONG
            return self.refuse(path, expected, rule, type_name(value))
        try:
            return clock.number(value)
        except (TypeError, ValueError):
            return self.refuse(path, expected, Broken.DATE_TIME_INVALID)

    def _examine_decimal(
        self, type: Primitive | Fixed, logical: Logical, value: Any, path: tuple[str | int, ...]
    ) -> Any:
        if not isinstance(value, Decimal):
            return self.refuse(path, label(self.model, type), Broken.TYPE_WRONG, type_name(value))
        try:
            decimal_unscaled(value, logical.precision, logical.scale)
        except ValueError:
            return self.refuse(path, label(self.model, type), Broken.PRECISION_LOST)
        return Decimal(value)

    def _examine_big_decimal(self, type: Primitive, value: Any, path: tuple[str | int, ...]) -> Any:
        """Return the bytes, which fastavro writes as they are."""
        if not isinstance(value, Decimal):
            return self.refuse(path, label(self.model, type), Broken.TYPE_WRONG, type_name(value))
        try:
            return write_big_decimal(value)
        except ValueError:
            expected = f"{label(self.model, type)}: a finite decimal of at most {MOST_DIGITS:,} digits"
            return self.refuse(path, expected, Broken.PRECISION_LOST)

    def _examine_uuid(self, written: Callable[[Any], Any], value: Any, path: tuple[str | int, ...]) -> Any:
        given = str.__str__(value) if isinstance(value, str) else value
        try:
            return written(bytes(given) if isinstance(given, bytearray) else given)
        except ValueError:
            rule = Broken.TEXT_INVALID if isinstance(value, str) else Broken.TYPE_WRONG
            got = "" if isinstance(value, str) else type_name(value)
            return self.refuse(path, "a UUID, or its text with hyphens", rule, got)

    def _examine_union(self, type: Union, value: Any, path: tuple[str | int, ...]) -> Any:
        named = self._branch_named(type, value)
        if named is not None:
            return value[0], self.value(named, value[1], path)
        refusals = []
        for branch in candidates(type, python_kind(value), self.model):
            attempt = self._tried(branch, value)
            if not attempt.violations:
                return branch_name(branch), attempt.normal
            refusals.append(attempt.violations)
        if len(refusals) == 1:
            here = pointer(*path)
            inner = [Violation(here + one.pointer, one.expected, one.rule, got=one.got) for one in refusals[0]]
            self.found.extend(inner[: MOST_VIOLATIONS - len(self.found)])
        else:
            self.refuse(path, label(self.model, type), Broken.BRANCH_WRONG, type_name(value))
        return None

    def _tried(self, branch: Node, value: Any) -> Examined:
        key = (id(branch), id(value))
        if key not in self.tried:
            attempt = _Examination(self.model, self.tried)
            normal = attempt.value(branch, value, ())
            self.tried[key] = Examined(attempt.found, normal)
        return self.tried[key]

    def _branch_named(self, type: Union, value: Any) -> Node | None:
        if not isinstance(value, tuple) or len(value) != 2 or not isinstance(value[0], str):
            return None
        return next((branch for branch in type.branches if branch_name(branch) == value[0]), None)


def candidates(type: Union, kind: type | None, model: AvroModel) -> list[Node]:
    """Choose the branches that values of the Python type *kind* may belong to, the likeliest first."""
    ranked = sorted((_rank(model.resolve(branch), kind), place) for place, branch in enumerate(type.branches))
    return [type.branches[place] for rank, place in ranked if rank]


def python_kind(value: Any) -> type | None:
    """Name the plain Python type that *value* counts as; None for what no Avro type takes."""
    if isinstance(value, list | tuple):
        return list
    if isinstance(value, bytes | bytearray):
        return bytes
    for plain in (bool, int, float, str, Decimal, datetime, date, time):
        if isinstance(value, plain):
            return plain
    if isinstance(value, Mapping):
        return dict
    return type(value)


def _rank(branch: Resolved, kind: type | None) -> int:
    """Rank how a branch suits values of a Python type: 0 not at all, then 1 the best, and worse upwards."""
    if isinstance(branch, Primitive | Fixed):
        return _PRIMITIVE_RANKS[_rank_key(branch)].get(kind, 0)
    plain = {Record: dict, Map: dict, Array: list, Enum: str}[type(branch)]
    return 1 if kind is plain else 0


def exact_float(value: float, kind: str) -> float:
    """Return *value* as the float that is written.

    Raises:
        OverflowError, ValueError: *kind* does not hold it: too large, or a whole number that would change.
    """
    number = float(value)
    if kind == "float":
        narrowed = struct.unpack("<f", struct.pack("<f", number))[0]
        if isinstance(value, int) and narrowed != value:
            raise ValueError("a whole number that float does not hold exactly")
    elif isinstance(value, int) and number != value:
        raise ValueError("a whole number that double does not hold exactly")
    return number


def _rank_key(branch: Primitive | Fixed) -> str:
    logical = python_logical(branch)
    if logical is not None:
        return "uuid bytes" if logical.name == "uuid" and isinstance(branch, Fixed) else logical.name
    return "bytes" if isinstance(branch, Fixed) else branch.kind


def _clock_ranks() -> dict[str, dict[type | None, int]]:
    return {name: {clock.python_type: 1, int: 2} for name, clock in CLOCKS.items()}


_PRIMITIVE_RANKS: dict[str, dict[type | None, int]] = {
    "null": {type(None): 1},
    "boolean": {bool: 1},
    "int": {int: 1},
    "long": {int: 1},
    "float": {float: 2, int: 4},
    "double": {float: 1, int: 3},
    "string": {str: 1},
    "bytes": {bytes: 1},
    "decimal": {Decimal: 1},
    "big-decimal": {Decimal: 1},
    "uuid": {UUID: 1, str: 2},
    "uuid bytes": {UUID: 1, bytes: 2, str: 3},
    **_clock_ranks(),
}


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _key_label(key: Any) -> str:
    """Return a key of an event for a pointer: text, shortened; of anything else only its type."""
    if not isinstance(key, str):
        return f"({type(key).__name__})"
    plain = key.encode("utf-8", "replace").decode()
    return plain if len(plain) <= _LONGEST_KEY else plain[:_LONGEST_KEY] + "…"


def _symbol_list(symbols: tuple[str, ...]) -> str:
    shown = ", ".join(symbols[:8])
    return shown if len(symbols) <= 8 else f"{shown} and {len(symbols) - 8} more"
