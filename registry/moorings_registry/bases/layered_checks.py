"""The checks of a base, with those that were recorded since, found without reading each."""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Container, Iterator
from dataclasses import replace
from typing import Any, TypeVar, overload

from moorings_registry.bases.codecs import StoredCheck, read_check
from moorings_registry.bases.tables import Rows, Table
from moorings_registry.names import Subject
from moorings_registry.state import CheckRecord, Version
from moorings_registry.state.checks import Checks

K = TypeVar("K")


class BaseChecks:
    """The checks of a base, oldest first."""

    def __init__(
        self,
        rows: Rows,
        positions: "memoryview[int]",
        unusual: "memoryview[int]",
        by_subject: Table[Subject, tuple[int, ...]],
        by_guid: Table[str, tuple[int, ...]],
        compared: Table[Any, Version],
    ) -> None:
        self.rows = rows
        self.positions = positions
        """The entry that recorded each."""
        self.unusual = unusual
        """The rows of those that were refused, or in which rules fired."""
        self.by_subject = by_subject
        self.by_guid = by_guid
        self.compared = compared

    def __len__(self) -> int:
        return len(self.rows)

    def at(self, row: int) -> CheckRecord:
        stored: StoredCheck = read_check(self.rows.at(row))
        if not stored.against:
            return stored.record
        return replace(stored.record, against=tuple(map(self.compared.value_at, stored.against)))


class LayeredChecks(Checks):
    """Those checks of *base* that are in *rows*, ascending, and *tail*: what was recorded since."""

    __slots__ = ("base", "rows", "tail")

    def __init__(self, base: BaseChecks, rows: "range | array[int]", tail: Checks) -> None:
        self.base = base
        self.rows = rows
        self.tail = tail

    def and_then(self, item: CheckRecord) -> "LayeredChecks":
        return LayeredChecks(self.base, self.rows, self.tail.and_then(item))

    def first_of(self, position: int) -> int:
        in_base = bisect_left(self.rows, position, key=self.base.positions.__getitem__)
        return in_base if in_base < len(self.rows) else in_base + self.tail.first_of(position)

    def unusual(self) -> Iterator[CheckRecord]:
        yield from self.tail.unusual()
        yield from (self.base.at(row) for row in reversed(self.base.unusual) if self.has(row))

    def with_guid(self, guid: str) -> Iterator[CheckRecord]:
        yield from (self.base.at(row) for row in _rows_of(self.base.by_guid, guid) if self.has(row))
        yield from self.tail.with_guid(guid)

    def of_subject(self, subject: Subject) -> "LayeredChecks":
        rows = array("Q", filter(self.has, _rows_of(self.base.by_subject, subject)))
        return LayeredChecks(self.base, rows, self.tail.of_subject(subject))

    def about(self, wanted: Callable[[Subject], bool]) -> "LayeredChecks":
        table = self.base.by_subject
        chosen = (row for row in table.live_rows() if wanted(table.key_at(row)))
        rows = sorted(of for row in chosen for of in table.value_at(row) if self.has(of))
        return LayeredChecks(self.base, array("Q", rows), self.tail.about(wanted))

    def guids_about(self, wanted: Callable[[Subject], bool]) -> Container[str]:
        return _GuidsAbout(self, wanted)

    def has(self, row: int) -> bool:
        """Whether *row* of the base is one of these."""
        if isinstance(self.rows, range):
            return row in self.rows
        at = bisect_left(self.rows, row)
        return at < len(self.rows) and self.rows[at] == row

    def __len__(self) -> int:
        return len(self.rows) + len(self.tail)

    @overload
    def __getitem__(self, index: int) -> CheckRecord: ...
    @overload
    def __getitem__(self, index: slice) -> list[CheckRecord]: ...
    def __getitem__(self, index: int | slice) -> CheckRecord | list[CheckRecord]:
        length = len(self)
        if isinstance(index, slice):
            return [self[at] for at in range(*index.indices(length))]
        if not -length <= index < length:
            raise IndexError(index)
        at = index % length
        return self.base.at(self.rows[at]) if at < len(self.rows) else self.tail[at - len(self.rows)]

    def __iter__(self) -> Iterator[CheckRecord]:
        return (self[at] for at in range(len(self)))

    def __reversed__(self) -> Iterator[CheckRecord]:
        return (self[at] for at in range(len(self) - 1, -1, -1))

    __eq__ = Checks.__eq__
    __hash__ = Checks.__hash__


def _rows_of(table: Table[K, tuple[int, ...]], key: K) -> tuple[int, ...]:
    row = table.row_of(key)
    return () if row is None else table.value_at(row)


class _GuidsAbout(Container[str]):
    """The guids of definitions that were checked for certain subjects, looked up one by one."""

    def __init__(self, checks: LayeredChecks, wanted: Callable[[Subject], bool]) -> None:
        self._checks = checks
        self._wanted = wanted
        self._in_tail = checks.tail.guids_about(wanted)

    def __contains__(self, guid: object) -> bool:
        if guid in self._in_tail:
            return True
        base = self._checks.base
        rows = _rows_of(base.by_guid, str(guid))
        return any(self._wanted(base.at(row).subject) for row in rows if self._checks.has(row))
