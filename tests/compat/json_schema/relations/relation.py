"""The row of the tables: two schemas, and which of them reads what the other writes."""

from dataclasses import dataclass
from typing import Any, TypeAlias

STRING: dict[str, Any] = {"type": "string"}
INTEGER: dict[str, Any] = {"type": "integer"}
NUMBER: dict[str, Any] = {"type": "number"}
BOOLEAN: dict[str, Any] = {"type": "boolean"}
NULL: dict[str, Any] = {"type": "null"}
OBJECT: dict[str, Any] = {"type": "object"}
ARRAY: dict[str, Any] = {"type": "array"}
NOTHING: dict[str, Any] = {"not": {}}

ALL = (4, 6, 7, 2019, 2020)
UNTIL_7 = (4, 6, 7)
UNTIL_2019 = (4, 6, 7, 2019)
IN_6_AND_7 = (6, 7)
IN_7_AND_2020 = (7, 2020)
SINCE_6 = (6, 7, 2019, 2020)
SINCE_7 = (7, 2019, 2020)
SINCE_2019 = (2019, 2020)

Drafts: TypeAlias = tuple[int | tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Relation:
    """The relation of the values that *left* allows and those that *right* allows.

    `sign` is ``=`` (equal), ``<`` (*right* allows more), ``>`` (*left* allows more) or ``#`` (each allows a value that
    the other does not). It holds in each of `drafts`; a pair is that of *left* and of *right*.
    """

    left: Any
    sign: str
    right: Any
    drafts: Drafts

    @property
    def right_reads_left(self) -> bool:
        return self.sign in ("=", "<")

    @property
    def left_reads_right(self) -> bool:
        return self.sign in ("=", ">")
