"""How the values of a state are stored: as MessagePack, typed by the annotations of `State`.

Nothing is listed here, so a map that is added to the state is stored without a change of this file. What is read is
checked against the types, and what is written is read again and compared first: a value whose type does not say what
it is keeps the whole base from being written.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Generic, TypeVar, get_args, get_origin, get_type_hints

import msgspec
from immutables import Map

from moorings_registry.names import Subject
from moorings_registry.state import CheckRecord, State, Version

K = TypeVar("K")
V = TypeVar("V")

_encode = msgspec.msgpack.Encoder(decimal_format="string").encode


class NotStorable(ValueError):
    """A value of the state would not be read as it was written."""


class Codec(Generic[K, V]):
    """Keys of type *key* and values of type *value* as bytes."""

    def __init__(self, key: Any, value: Any) -> None:
        self.read_key: Any = msgspec.msgpack.Decoder(key).decode
        self.read_value: Any = msgspec.msgpack.Decoder(value).decode
        self.is_weakly_referable = isinstance(value, type) and hasattr(value, "__weakref__")

    def key(self, key: K) -> bytes:
        return _encode(key)

    def value(self, value: V) -> bytes:
        return _encode(value)

    def record(self, key: K, value: V) -> tuple[bytes, bytes]:
        """Both as bytes.

        Raises:
            NotStorable
        """
        return _proven(self.read_key, key), _proven(self.read_value, value)


def _proven(read: Any, value: Any) -> bytes:
    try:
        stored: bytes = _encode(value)
        same = read(stored) == value
    except (msgspec.MsgspecError, OverflowError, TypeError, ValueError) as error:
        raise NotStorable(f"{type(value).__name__}: {error}") from error
    if not same:
        raise NotStorable(f"{type(value).__name__}: what is read is not what was written")
    return stored


class StoredCheck(msgspec.Struct, array_like=True, frozen=True):
    """A check without the versions that it was compared with, and the rows that have those."""

    record: CheckRecord
    against: tuple[int, ...]


ComparedKey = tuple[int, bool]
"""What distinguishes a `Version` from every other: the report of its registration, and whether it was soft-deleted."""

_HINTS = get_type_hints(State)
MAPS: Mapping[str, Codec[Any, Any]] = {
    name: Codec(*get_args(hint)) for name, hint in _HINTS.items() if get_origin(hint) is Map
}
"""The maps of a state."""
COMPARED: Codec[ComparedKey, Version] = Codec(ComparedKey, Version)
BY_SUBJECT: Codec[Subject, tuple[int, ...]] = Codec(Subject, tuple[int, ...])
"""A subject to the rows of its checks."""
BY_GUID: Codec[str, tuple[int, ...]] = Codec(str, tuple[int, ...])
"""A definition to the rows of its checks."""
_SINGLE = {name: hint for name, hint in _HINTS.items() if name not in MAPS and name != "checks"}
_read_check = msgspec.msgpack.Decoder(StoredCheck).decode


def single_values(state: State) -> dict[str, Any]:
    """What a state has besides its maps and checks."""
    return {name: getattr(state, name) for name in _SINGLE}


def read_single_values(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Read what `single_values` made.

    Raises:
        msgspec.ValidationError, KeyError
    """
    return {name: msgspec.convert(stored[name], hint) for name, hint in _SINGLE.items()}


def compared_key(version: Version) -> ComparedKey:
    return version.report, version.deleted


def check_record(record: CheckRecord, rows: Iterable[int]) -> bytes:
    """The bytes of a check that was compared with the versions in *rows*.

    Raises:
        NotStorable
    """
    return _proven(_read_check, StoredCheck(replace(record, against=()), tuple(rows)))


def read_check(stored: Any) -> StoredCheck:
    return _read_check(stored)
