"""Finding where an Avro record ends, by its schema alone: a function for each type, from one place to the next.

Nothing is decoded and nothing is kept, so that a record's size bounds the work; a function raises IndexError or
ValueError where the bytes are no such value.
"""

from collections.abc import Callable

from moorings.codecs.avro.types import Array, Enum, Fixed, Map, Named, Primitive, Record, Type, Types, Union

Skip = Callable[[bytes, int], int]

_MOST_EMPTY_ITEMS = 100_000
_LONGEST_VARINT = 10


def read_long(data: bytes, place: int) -> tuple[int, int]:
    """Read a zigzag varint; return it and the place behind it."""
    value = 0
    for taken in range(_LONGEST_VARINT):
        byte = data[place + taken]
        value |= (byte & 0x7F) << 7 * taken
        if byte < 0x80:
            return (value >> 1) ^ -(value & 1), place + taken + 1
    raise ValueError("a number takes more than ten bytes")


def make_skip(types: Types) -> Skip:
    """Return what goes over one value of the root type."""
    return _SkipBuilder(types).skip(types.root)


class _SkipBuilder:
    def __init__(self, types: Types) -> None:
        self._types = types
        self._named: dict[str, Skip] = {}

    def skip(self, type: Type) -> Skip:
        if isinstance(type, Named):
            return lambda data, place: self._by_name(type.name)(data, place)
        if isinstance(type, Primitive):
            return _PRIMITIVES[type.kind]
        if isinstance(type, Fixed):
            return _fixed(type.size)
        if isinstance(type, Enum):
            return _skip_long
        if isinstance(type, Union):
            return _union([self.skip(branch) for branch in type.branches])
        if isinstance(type, Array):
            return _blocks(self.skip(type.items))
        if isinstance(type, Map):
            return _blocks(_both(_skip_bytes, self.skip(type.values)))
        return self._by_name(type.name) if type.name in self._named else self._record(type)

    def _by_name(self, name: str) -> Skip:
        if name not in self._named:
            self._named[name] = self.skip(self._types.named[name])
        return self._named[name]

    def _record(self, record: Record) -> Skip:
        fields = [self.skip(field.type) for field in record.fields]

        def skip(data: bytes, place: int) -> int:
            for field in fields:
                place = field(data, place)
            return place

        self._named[record.name] = skip
        return skip


def _skip_long(data: bytes, place: int) -> int:
    return read_long(data, place)[1]


def _skip_bytes(data: bytes, place: int) -> int:
    size, place = read_long(data, place)
    if not 0 <= size <= len(data) - place:
        raise ValueError("a length leads beyond the block")
    return place + size


def _fixed(size: int) -> Skip:
    def skip(data: bytes, place: int) -> int:
        if place + size > len(data):
            raise ValueError("a value is cut off")
        return place + size

    return skip


def _union(branches: list[Skip]) -> Skip:
    def skip(data: bytes, place: int) -> int:
        branch, place = read_long(data, place)
        if branch < 0:
            raise ValueError("a branch is negative")
        return branches[branch](data, place)

    return skip


def _both(first: Skip, second: Skip) -> Skip:
    return lambda data, place: second(data, first(data, place))


def _blocks(item: Skip) -> Skip:
    def skip(data: bytes, place: int) -> int:
        while True:
            count, place = read_long(data, place)
            if count == 0:
                return place
            if count < 0:
                place = _skip_bytes(data, place)
                continue
            for number in range(count):
                before, place = place, item(data, place)
                if place == before and number > _MOST_EMPTY_ITEMS:
                    raise ValueError("too many items that take no bytes")

    return skip


_PRIMITIVES: dict[str, Skip] = {
    "null": lambda _data, place: place,
    "boolean": _fixed(1),
    "int": _skip_long,
    "long": _skip_long,
    "float": _fixed(4),
    "double": _fixed(8),
    "bytes": _skip_bytes,
    "string": _skip_bytes,
}
