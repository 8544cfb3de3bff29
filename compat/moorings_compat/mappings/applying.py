"""Applies the steps of a mapping to an event; the original event is not changed."""

from collections.abc import Callable
from typing import Any

from moorings_compat.mappings.conversions import CannotConvert
from moorings_compat.mappings.mapping import Convert, Default, Drop, Mapping, Move, Rename, Step, Symbols
from moorings_compat.mappings.paths import containers, replace_each, show_path

_DEEPEST = 200


class StepFailed(ValueError):
    """A step cannot be applied to this event; `path` is the step's own, and the reason holds no value."""

    def __init__(self, path: str, reason: str) -> None:
        super().__init__(reason)
        self.path = path


def upcast(mapping: Mapping, event: Any) -> Any:
    """Return *event*, which was read as the major before, as an event of the major after; *event* is not changed.

    Raises:
        StepFailed: a conversion cannot convert what it found.
    """
    fresh = copied(event)
    for step in mapping.steps:
        apply_step(step, fresh)
    return fresh


def copied(event: Any) -> Any:
    """Return a copy of *event* that steps may change; what cannot be changed is shared.

    Raises:
        StepFailed: the event is nested too deeply.
    """
    return _copy(event, 0)


def apply_step(step: Step, event: Any) -> None:
    """Change *event* by one step.

    Raises:
        StepFailed: it cannot be applied to this event.
    """
    _STEPS[type(step)](step, event)


def _copy(value: Any, depth: int) -> Any:
    """Copy what can be changed; everything else is shared."""
    if depth > _DEEPEST:
        raise StepFailed("", f"the event is nested deeper than {_DEEPEST} levels")
    if isinstance(value, dict):
        return {key: _copy(inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, list):
        return [_copy(inner, depth + 1) for inner in value]
    return value


def _rename(step: Rename, event: Any) -> None:
    for place in containers(event, step.path[:-1]):
        if isinstance(place, dict) and step.path[-1] in place:
            place[step.name] = place.pop(step.path[-1])


def _move(step: Move, event: Any) -> None:
    for item in containers(event, step.path[: step.shared]):
        for place in containers(item, step.path[step.shared : -1]):
            if isinstance(place, dict) and step.path[-1] in place:
                _put_value(item, step.to[step.shared :], place.pop(step.path[-1]), show_path(step.to))


def _put_value(item: Any, path: tuple[str, ...], value: Any, shown: str) -> None:
    for step in path[:-1]:
        item = item.setdefault(step, {}) if isinstance(item, dict) else None
    if not isinstance(item, dict):
        raise StepFailed(shown, "the field cannot be moved there: not an object")
    item[path[-1]] = value


def _drop(step: Drop, event: Any) -> None:
    for place in containers(event, step.path[:-1]):
        if isinstance(place, dict):
            place.pop(step.path[-1], None)


def _default(step: Default, event: Any) -> None:
    for place in containers(event, step.path[:-1]):
        if isinstance(place, dict) and (step.path[-1] not in place or (step.or_null and place[step.path[-1]] is None)):
            place[step.path[-1]] = _copy(step.value, 0)


def _convert(step: Convert, event: Any) -> None:
    _replace(event, step.path, step.conversion.convert)


def _symbols(step: Symbols, event: Any) -> None:
    def change(value: Any) -> Any:
        found = step.table.get(value, step.otherwise) if isinstance(value, str) else None
        if found is None:
            raise CannotConvert("the symbol is not in the mapping's table")
        return found

    _replace(event, step.path, change)


def _replace(event: Any, path: tuple[str, ...], change: Callable[[Any], Any]) -> None:
    reason = ""
    try:
        for place in containers(event, path[:-1]):
            replace_each(place, path[-1], change)
        return
    except CannotConvert as error:
        reason = str(error)
    except (ValueError, TypeError, AttributeError, OverflowError, ArithmeticError):
        reason = "the value is of a kind that the conversion does not take"
    raise StepFailed(show_path(path), reason)  # outside: its cause might hold the value


_STEPS: dict[type[Step], Callable[[Any, Any], None]] = {
    Rename: _rename,
    Move: _move,
    Drop: _drop,
    Default: _default,
    Convert: _convert,
    Symbols: _symbols,
}
