"""JSON events: orjson for the text, one validator (jsonschema-rs) for producer and consumer alike.

On produce an event has to fit the schema, and must not have a field that the schema does not declare somewhere,
unless the schema says which further fields it allows. Where the domain's policy says that only declared fields count,
fields that a schema does not declare are left out on consume, before the event is validated. Integers of any size are
written and read exactly. `format` is asserted on both sides.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson

from moorings.codecs.failures import SLOW_PATH, Invalid, Mismatch, Refused
from moorings.codecs.json_narrow import narrowed
from moorings.codecs.json_numbers import LARGEST, MOST_DIGITS, dumps, loads
from moorings.codecs.json_violations import violations_of
from moorings.violations import MOST_VIOLATIONS, Broken, Violation, type_name
from moorings_compat import JsonFields, Schema
from moorings_compat.json_schema import validator
from moorings_compat.json_schema.model import bundled, declared
from moorings_compat.json_schema.projection import projection, shape_validator
from moorings_compat.json_text import pointer

_WRITTEN = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS
_DEEPEST = 200
"""orjson writes 254 levels."""


def make_writer(schema: Schema, _event: str, prefix: bytes, fields: JsonFields = JsonFields.OPEN) -> "JsonWriter":
    """Make the writer of *schema*; it puts *prefix* before every event."""
    return JsonWriter(schema, prefix, fields)


def make_reader(
    _writer: Schema, reader: Schema, _event: str, start: int, fields: JsonFields = JsonFields.OPEN
) -> "JsonReader":
    """Make the reader of events as *reader* sees them, from the byte *start* on; JSON needs no writer's schema."""
    return JsonReader(reader, start, fields)


class JsonWriter:
    """Writes events of one schema, each with *prefix* before it."""

    def __init__(self, schema: Schema, prefix: bytes, fields: JsonFields = JsonFields.OPEN) -> None:
        allowed = declared(schema)
        self._prefix = prefix
        self._validator = validator(schema)
        self._schema = schema
        self._shape = allowed.shape(strict=fields is JsonFields.DECLARED)
        self._declared = shape_validator(self._shape) if self._shape is not None else None
        self.at_once = self._compile(loose=allowed.loose)

    def encode(self, value: Any) -> bytes:
        """Return the prefix and an event that `at_once` did not handle: of unusual Python types, or invalid.

        Raises:
            Invalid: with every violation.
        """
        look = _PlainJson()
        try:
            plain = look.plain(value, ())
        except RecursionError:
            raise Invalid([_TOO_DEEP]) from None
        found = [*look.found, *_outside(look.found, violations_of(self._validator, plain, bundled(self._schema)))]
        if self._declared is not None:
            known = {(one.pointer, one.rule) for one in found}
            found += [
                one for one in violations_of(self._declared, plain, self._shape) if (one.pointer, one.rule) not in known
            ]
        if found:
            raise Invalid(found[:MOST_VIOLATIONS])
        return self._prefix + dumps(plain)

    def violations(self, value: Any) -> Sequence[Violation]:
        """Return what is wrong with an event; nothing for a valid one."""
        try:
            self.at_once(value)
        except SLOW_PATH:
            pass
        else:
            return ()
        try:
            self.encode(value)
        except Invalid as invalid:
            return invalid.violations
        return ()

    def _compile(self, *, loose: bool) -> Callable[[Any], bytes]:
        """Make the short path; *loose*: untyped values may be NaN, which orjson would write as null."""
        prefix, fits, write = self._prefix, self._validator.is_valid, orjson.dumps
        all_declared = self._declared.is_valid if self._declared is not None else None

        def closed(value: Any) -> bytes:
            if fits(value):
                return prefix + write(value, None, _WRITTEN)
            raise Refused

        def guarded(value: Any) -> bytes:
            if not fits(value) or (all_declared is not None and not all_declared(value)):
                raise Refused
            text = write(value, None, _WRITTEN)
            if loose and b"null" in text and _has_no_number(value):
                raise Refused
            return prefix + text

        return guarded if loose or all_declared is not None else closed


class JsonReader:
    """Reads events as one schema sees them; they begin at *start*."""

    def __init__(self, reader: Schema, start: int, fields: JsonFields = JsonFields.OPEN) -> None:
        self._start = start
        self._schema = reader
        self._validator = validator(reader)
        self._leave_out = projection(reader) if fields is JsonFields.DECLARED else None
        self.at_once = self._compile()

    def _compile(self) -> Callable[[bytes], Any]:
        start, leave_out = self._start, self._leave_out
        fits = self._validator.is_valid

        def at_once(data: bytes) -> Any:
            value = loads(data[start:])
            if fits(value):
                return value
            raise Refused

        def of_declared(data: bytes) -> Any:
            value = loads(data[start:])
            leave_out(value)  # type: ignore[misc]
            if fits(value):
                return value
            raise Refused

        whole = at_once if leave_out is None else of_declared
        narrow = narrowed(self._schema, closed=leave_out is not None)
        return whole if narrow is None else _of_small_numbers(start, validator(narrow).is_valid, whole)

    def mismatch(self, data: bytes, error: BaseException) -> Mismatch:
        """Say where and why `at_once` raised *error*."""
        if isinstance(error, json.JSONDecodeError):
            return Mismatch("", "the bytes are not JSON")
        try:
            value = loads(data[self._start :])
        except ValueError:
            return Mismatch("", f"a number beyond a double, or an integer of more than {MOST_DIGITS:,} digits")
        if self._leave_out is not None:
            self._leave_out(value)
        found = violations_of(self._validator, value)
        return Mismatch(found[0].pointer if found else "", "it breaks the reader's contract", found)


def _of_small_numbers(
    start: int, fits: Callable[[Any], bool], otherwise: Callable[[bytes], Any]
) -> Callable[[bytes], Any]:
    """Make the short path of a schema with a narrower one, *fits*, of which every event was read exactly.

    An event that does not fit, perhaps by a field that is left out, is read *otherwise*.
    """
    read = orjson.loads

    def at_once(data: bytes) -> Any:
        try:
            value = read(data[start:])
        except orjson.JSONDecodeError:  # perhaps because of an integer that a float does not hold
            return otherwise(data)
        return value if fits(value) else otherwise(data)

    return at_once


_TOO_DEEP = Violation("", f"an event of at most {_DEEPEST} levels", Broken.TOO_DEEP)


class _PlainJson:
    """Turns an event into plain JSON types; any other value becomes None and a violation."""

    def __init__(self) -> None:
        self.found: list[Violation] = []

    def plain(self, value: Any, path: tuple[str | int, ...]) -> Any:
        if len(path) > _DEEPEST:
            raise RecursionError
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, str):
            return self._text(value, path)
        if isinstance(value, int):
            if -LARGEST <= value <= LARGEST:
                return int(value)
            return self._refuse(path, f"an integer of at most {MOST_DIGITS:,} digits", Broken.NUMBER_OUT_OF_RANGE)
        if isinstance(value, float):
            if value - value == 0.0:
                return float(value)
            return self._refuse(path, "a finite number", Broken.NUMBER_OUT_OF_RANGE)
        if isinstance(value, list | tuple):
            return [self.plain(item, (*path, place)) for place, item in enumerate(value)]
        if isinstance(value, Mapping):
            return self._fields(value, path)
        expected = "a JSON type: an object, array, text, number, boolean or null"
        return self._refuse(path, expected, Broken.TYPE_WRONG, type_name(value))

    def _fields(self, value: Mapping[Any, Any], path: tuple[str | int, ...]) -> dict[str, Any]:
        plain = {}
        for key, item in value.items():
            if isinstance(key, str) and self._text(key, path) is not None:
                plain[str.__str__(key)] = self.plain(item, (*path, str.__str__(key)))
            elif not isinstance(key, str):
                self._refuse((*path, f"({type(key).__name__})"), "keys that are text", Broken.TYPE_WRONG)
        return plain

    def _text(self, value: str, path: tuple[str | int, ...]) -> Any:
        try:
            value.encode()
        except UnicodeEncodeError:
            return self._refuse(path, "text without lone surrogates", Broken.TEXT_INVALID)
        return str.__str__(value)

    def _refuse(self, path: tuple[str | int, ...], expected: str, rule: Broken, got: str = "") -> Any:
        """Note a violation; None stands in for the value."""
        if len(self.found) < MOST_VIOLATIONS:
            self.found.append(Violation(pointer(*path), expected, rule, got=got))


def _outside(noted: Sequence[Violation], found: Sequence[Violation]) -> list[Violation]:
    """Leave out the validator's findings about replaced values."""
    replaced = {one.pointer for one in noted}
    return [one for one in found if one.pointer not in replaced]


def _has_no_number(value: Any) -> bool:
    """Look for NaN and infinities, which orjson writes as null."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if one.__class__ is float:
            if one - one != 0.0:
                return True
        elif isinstance(one, dict):
            waiting.extend(one.values())
        elif isinstance(one, list | tuple):
            waiting.extend(one)
    return False
