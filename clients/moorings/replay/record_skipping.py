"""Finds where an Avro record ends, by its schema alone: a function for each type, from one offset to the next.

Nothing is decoded and nothing is kept, so that a record's size bounds the work; a function raises IndexError or
ValueError if the bytes are not such a value.
"""

from collections.abc import Callable

from moorings_compat.avro import Array, AvroModel, Enum, Fixed, Map, Node, Primitive, Record, Union

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


def make_skip(model: AvroModel) -> Skip:
    """Return what goes over one value of the root type."""
    return _SkipMaker(model).skip(model.root)


class _SkipMaker:
    def __init__(self, model: AvroModel) -> None:
        self._model = model
        self._records: dict[str, Skip] = {}

    def skip(self, type: Node) -> Skip:
        meant = self._model.resolve(type)
        if isinstance(meant, Primitive):
            return _PRIMITIVES[meant.kind]
        if isinstance(meant, Fixed):
            return _fixed(meant.size)
        if isinstance(meant, Enum):
            return _skip_long
        if isinstance(meant, Union):
            return _union([self.skip(branch) for branch in meant.branches])
        if isinstance(meant, Array):
            return _blocks(self.skip(meant.items))
        if isinstance(meant, Map):
            return _blocks(_both(_skip_bytes, self.skip(meant.values)))
        return self._records.get(meant.full) or self._record(meant)

    def _record(self, record: Record) -> Skip:
        fields: list[Skip] = []

        def skip(data: bytes, place: int) -> int:
            for field in fields:
                place = field(data, place)
            return place

        self._records[record.full] = skip  # before its fields, which may lead back to it
        fields.extend(self.skip(field.type) for field in record.fields)
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
