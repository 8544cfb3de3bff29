"""Lines of Python as `ruff format` leaves them: one line where it fits, else broken at the brackets.

Only what this package writes is known here: annotations made of names, subscripts and ``|``, and values whose longer
forms are always broken with a comma at the end, which the formatter keeps in any width.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

_STEP = "    "


@dataclass(frozen=True, slots=True)
class Subscript:
    """``dict[str, int]``."""

    head: str
    items: "tuple[Annotation, ...]"


@dataclass(frozen=True, slots=True)
class Either:
    """``A | B | None``."""

    parts: "tuple[Annotation, ...]"


Annotation: TypeAlias = str | Subscript | Either


def flat(annotation: Annotation) -> str:
    """Write an annotation on one line."""
    if isinstance(annotation, Subscript):
        return f"{annotation.head}[{', '.join(map(flat, annotation.items))}]"
    if isinstance(annotation, Either):
        return " | ".join(map(flat, annotation.parts))
    return annotation


def indented(lines: Sequence[str], levels: int = 1) -> list[str]:
    return [_STEP * levels + line if line else line for line in lines]


def annotated(name: str, annotation: Annotation, value: Sequence[str], width: int) -> list[str]:
    """Write ``name: annotation = value`` within *width* columns; *value* is its lines, if any.

    A value on one line that ends in ``)`` is a call: where it does not fit, each argument gets a line of its own.
    """
    head, tail = f"{name}: {flat(annotation)}", f" = {value[0]}" if value else ""
    if len(head + tail) <= width:
        return [head + tail, *value[1:]]
    if len(value) == 1 and value[0].endswith(")") and len(f"{head} = {value[0].partition('(')[0]}(") <= width:
        function, _, argument = value[0][:-1].partition("(")
        return [f"{head} = {function}(", *indented([f"{argument},"]), ")"]
    if len(value) == 1 and len(f"{head} = (") <= width and len(_STEP + value[0]) <= width:
        return [f"{head} = (", *indented(value), ")"]
    if isinstance(annotation, str):
        return [head + tail, *value[1:]]
    opened, inner, close = _opened(annotation, width - len(_STEP))
    return [f"{name}: {opened}", *indented(inner), f"{close}{tail}", *value[1:]]


def assigned(name: str, annotation: Annotation, value: Annotation, width: int) -> list[str]:
    """Write ``name: annotation = value`` where the value is an annotation itself: an alias."""
    line = f"{name}: {flat(annotation)} = {flat(value)}"
    if len(line) <= width or isinstance(value, str):
        return [line]
    head, inner, close = _opened(value, width - len(_STEP))
    return [f"{name}: {flat(annotation)} = {head}", *indented(inner), close]


def _opened(annotation: Subscript | Either, width: int) -> tuple[str, list[str], str]:
    """Break an annotation that does not fit: what opens, the lines between, what closes."""
    if isinstance(annotation, Either):
        return "(", _either_lines(annotation, width), ")"
    return f"{annotation.head}[", _item_lines(annotation, width), "]"


def _either_lines(annotation: Either, width: int) -> list[str]:
    if len(flat(annotation)) <= width:
        return [flat(annotation)]
    lines: list[str] = []
    for part in annotation.parts:
        head = "| " if lines else ""
        lines += _part_lines(part, head, width)
    return lines


def _item_lines(annotation: Subscript, width: int) -> list[str]:
    together = ", ".join(map(flat, annotation.items))
    if len(together) <= width:
        return [together]
    if len(annotation.items) == 1:
        only = annotation.items[0]
        return _either_lines(only, width) if isinstance(only, Either) else _part_lines(only, "", width)
    lines: list[str] = []
    for item in annotation.items:
        broken = _either_lines(item, width - 1) if isinstance(item, Either) else _part_lines(item, "", width - 1)
        lines += [*broken[:-1], f"{broken[-1]},"]
    return lines


def _part_lines(part: Annotation, head: str, width: int) -> list[str]:
    line = f"{head}{flat(part)}"
    if len(line) <= width or not isinstance(part, Subscript):
        return [line]
    return [f"{head}{part.head}[", *indented(_item_lines(part, width - len(_STEP))), "]"]
