"""Examines an event given as a dict: every violation with its path, or the arguments for the message class.

Field names are those of the source (`order_id`, not `orderId`); enums are given by name, or by a number that has a
name; None for a field with presence means that it is absent, except for a `google.protobuf.Value`, whose null it is.
"""

import struct
from collections.abc import Mapping
from typing import Any

from google.protobuf.json_format import ParseDict
from google.protobuf.message_factory import GetMessageClass

from moorings.codecs.protobuf.plans import FieldPlan, MessagePlan, ValuePlan
from moorings.violations import MOST_VIOLATIONS, Broken, Violation, meant, type_name
from moorings_compat.json_text import pointer

_DEEPEST = 100
_MOST_MEANT = 1_000
"""Fields of a message among which a similar name is looked for."""
_SHOWN = 100
_Path = tuple[str | int, ...]
_ABSENT: Any = object()


def examine(plan: MessagePlan, value: Any) -> tuple[list[Violation], Any]:
    """Return the violations of *value*, and the arguments for the message class, usable if there are none."""
    walk = _Examiner()
    return walk.found, walk.message(plan, value, ())


class _Examiner:
    def __init__(self) -> None:
        self.found: list[Violation] = []

    def refuse(self, path: _Path, expected: str, rule: Broken, got: str = "") -> Any:
        if len(self.found) < MOST_VIOLATIONS:
            self.found.append(Violation(pointer(*path), expected, rule, got=got))
        return _ABSENT

    def message(self, plan: MessagePlan, value: Any, path: _Path) -> Any:
        if len(path) > _DEEPEST:
            return self.refuse(path, f"at most {_DEEPEST} levels", Broken.TOO_DEEP)
        if plan.well_known is not None:
            return self._well_known(plan, value, path)
        if plan.wrapped is not None:
            return {"value": self._value(plan.wrapped, value, path)}
        if not isinstance(value, Mapping):
            return self.refuse(path, f"message {plan.name}", Broken.TYPE_WRONG, type_name(value))
        given: dict[str, Any] = {}
        chosen: dict[str, str] = {}
        for name, one in value.items():
            field = plan.fields.get(name) if isinstance(name, str) else None
            if field is None:
                hint = meant(name, plan.fields) if isinstance(name, str) and len(plan.fields) <= _MOST_MEANT else ""
                expected = f"no such field in {plan.name}{hint}"
                self.refuse((*path, _short_key(name)), expected, Broken.FIELD_UNDECLARED)
            elif one is not None or not field.presence or field.takes_null:
                given[field.name] = self._field(field, one, (*path, field.name))
                self._note_oneof(field, chosen, path)
        for field in plan.fields.values():
            if field.required and field.name not in given:
                self.refuse((*path, field.name), field.value.word, Broken.FIELD_MISSING)
        return given

    def _note_oneof(self, field: FieldPlan, chosen: dict[str, str], path: _Path) -> None:
        if field.oneof is None:
            return
        before = chosen.setdefault(field.oneof, field.name)
        if before != field.name:
            expected = f"one field of {field.oneof}; {before} is set, too"
            self.refuse((*path, field.name), expected, Broken.BRANCH_WRONG)

    def _well_known(self, plan: MessagePlan, value: Any, path: _Path) -> Any:
        assert plan.well_known is not None
        try:
            given = plan.well_known.fields(value)
            return ParseDict(given, GetMessageClass(plan.descriptor)()) if plan.well_known.is_json else given
        except TypeError:
            naive = plan.name.endswith("Timestamp") and hasattr(value, "tzinfo")
            rule = Broken.DATE_TIME_INVALID if naive else Broken.TYPE_WRONG
        except (ValueError, OverflowError):
            rule = Broken.NUMBER_OUT_OF_RANGE
        got = type_name(value) if rule is Broken.TYPE_WRONG else ""
        return self.refuse(path, f"{plan.name}: {plan.well_known.expected}", rule, got)

    def _field(self, field: FieldPlan, value: Any, path: _Path) -> Any:
        if field.key is not None:
            return self._map(field, field.key, value, path)
        if not field.repeated:
            return self._value(field.value, value, path)
        if not isinstance(value, list | tuple):
            return self.refuse(path, f"a list of {field.value.word}", Broken.TYPE_WRONG, type_name(value))
        return [self._value(field.value, item, (*path, place)) for place, item in enumerate(value)]

    def _map(self, field: FieldPlan, keys: ValuePlan, value: Any, path: _Path) -> Any:
        if not isinstance(value, Mapping):
            return self.refuse(
                path, f"a map from {keys.word} to {field.value.word}", Broken.TYPE_WRONG, type_name(value)
            )
        return {
            self._value(keys, key, (*path, _short_key(key))): self._value(field.value, item, (*path, _short_key(key)))
            for key, item in value.items()
        }

    def _value(self, plan: ValuePlan, value: Any, path: _Path) -> Any:
        if plan.message is not None:
            return self.message(plan.message, value, path)
        if plan.symbols is not None:
            return self._symbol(plan, plan.symbols, value, path)
        if plan.bounds is not None:
            return self._whole(plan, plan.bounds, value, path)
        if plan.word in ("double", "float"):
            return self._fraction(plan, value, path)
        if plan.word == "bool":
            return value if isinstance(value, bool) else self.refuse(path, "bool", Broken.TYPE_WRONG, type_name(value))
        if plan.word == "bytes":
            known = isinstance(value, bytes | bytearray)
            return bytes(value) if known else self.refuse(path, "bytes", Broken.TYPE_WRONG, type_name(value))
        if not isinstance(value, str):
            return self.refuse(path, "string", Broken.TYPE_WRONG, type_name(value))
        try:
            value.encode()
        except UnicodeEncodeError:
            return self.refuse(path, "text without lone surrogates", Broken.TEXT_INVALID)
        return str.__str__(value)

    def _symbol(self, plan: ValuePlan, symbols: dict[str, int], value: Any, path: _Path) -> Any:
        number = symbols.get(str.__str__(value)) if isinstance(value, str) else None
        if isinstance(value, int) and not isinstance(value, bool) and plan.names and int(value) in plan.names:
            number = int(value)
        if number is not None:
            return number
        known = isinstance(value, str | int) and not isinstance(value, bool)
        expected = f"a value of {plan.word}: {', '.join(list(symbols)[:8])}"
        return self.refuse(path, expected, Broken.SYMBOL_UNKNOWN if known else Broken.TYPE_WRONG)

    def _whole(self, plan: ValuePlan, bounds: tuple[int, int], value: Any, path: _Path) -> Any:
        if not isinstance(value, int) or isinstance(value, bool):
            return self.refuse(path, plan.word, Broken.TYPE_WRONG, type_name(value))
        if not bounds[0] <= value <= bounds[1]:
            expected = f"{plan.word}, from {bounds[0]} to {bounds[1]}"
            return self.refuse(path, expected, Broken.NUMBER_OUT_OF_RANGE)
        return int(value)

    def _fraction(self, plan: ValuePlan, value: Any, path: _Path) -> Any:
        if isinstance(value, bool) or not isinstance(value, float | int):
            return self.refuse(path, plan.word, Broken.TYPE_WRONG, type_name(value))
        try:
            number = float(value)
            held = struct.unpack("<f", struct.pack("<f", number))[0] if plan.word == "float" else number
            exact = not isinstance(value, int) or held == value
        except OverflowError:
            exact = False
        return number if exact else self.refuse(path, f"a number that {plan.word} holds", Broken.NUMBER_OUT_OF_RANGE)


def _short_key(key: Any) -> str:
    if isinstance(key, str):
        plain = key.encode("utf-8", "replace").decode()
        return plain if len(plain) <= _SHOWN else plain[:_SHOWN] + "…"
    return str(int(key)) if isinstance(key, int) else f"({type(key).__name__})"
