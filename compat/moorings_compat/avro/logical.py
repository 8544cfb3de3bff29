"""Logical types: which annotations mean something, and which are to be ignored.

The specification asks implementations to ignore an unknown logical type and an invalid one ("for example a decimal with
scale greater than its precision") and to use the underlying type. So do we: such a schema is accepted, the attributes
stay in its text, and neither comparison nor codec sees a logical type there. Apache's Java and Python libraries do
the same; fastavro refuses some of them, which is why its form of a schema leaves them out.

Source: Avro 1.12, Logical Types.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

UNDERLYING: dict[str, tuple[str, ...]] = {
    "decimal": ("bytes", "fixed"),
    "big-decimal": ("bytes",),
    "uuid": ("string", "fixed"),
    "date": ("int",),
    "time-millis": ("int",),
    "time-micros": ("long",),
    "timestamp-millis": ("long",),
    "timestamp-micros": ("long",),
    "timestamp-nanos": ("long",),
    "local-timestamp-millis": ("long",),
    "local-timestamp-micros": ("long",),
    "local-timestamp-nanos": ("long",),
    "duration": ("fixed",),
}
"""Logical type to the types that it may annotate."""

_FIXED_SIZES = {"uuid": 16, "duration": 12}


@dataclass(frozen=True, slots=True)
class Logical:
    """What a value means beyond its type; precision and scale are set for decimals only."""

    name: str
    precision: int = 0
    scale: int = 0

    def __str__(self) -> str:
        return f"decimal({self.precision}, {self.scale})" if self.name == "decimal" else self.name


def logical_of(attributes: Mapping[str, Any], kind: str, size: int | None = None) -> Logical | None:
    """Read the logical type of a *kind* (a fixed of *size* bytes) off its attributes; None where it is ignored."""
    name = attributes.get("logicalType")
    if not isinstance(name, str) or kind not in UNDERLYING.get(name, ()):
        return None
    if name == "decimal":
        return _decimal(attributes, size)
    if size is not None and _FIXED_SIZES.get(name) != size:
        return None
    return Logical(name)


def _decimal(attributes: Mapping[str, Any], size: int | None) -> Logical | None:
    precision, scale = _whole(attributes.get("precision")), _whole(attributes.get("scale", 0))
    if precision is None or scale is None or precision < 1 or not 0 <= scale <= precision:
        return None
    if size is not None and precision > digits_of_fixed(size):
        return None
    return Logical("decimal", precision, scale)


def digits_of_fixed(size: int) -> int:
    """Count the decimal digits that always fit into *size* bytes: floor(log10(2^(8n - 1) - 1))."""
    return math.floor((8 * size - 1) * math.log10(2)) if size > 0 else 0


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
