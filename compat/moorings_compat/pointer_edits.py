"""Editing JSON content by JSON Pointers (RFC 6901): one function for each thing that a correction does."""

from typing import Any


def steps_of(pointer: str) -> list[str]:
    """Split a pointer into its steps, unescaped."""
    return [one.replace("~1", "/").replace("~0", "~") for one in pointer.split("/")[1:]]


def value_at(content: Any, pointer: str) -> Any:
    """Return what *content* has at *pointer*.

    Raises:
        LookupError: it has nothing there.
    """
    for step in steps_of(pointer):
        if isinstance(content, list):
            if not step.isdecimal():
                raise LookupError(pointer)
            content = content[int(step)]
        elif isinstance(content, dict):
            content = content[step]
        else:
            raise LookupError(pointer)
    return content


def has(content: Any, pointer: str) -> bool:
    """Whether *content* has anything at *pointer*."""
    try:
        value_at(content, pointer)
    except LookupError:
        return False
    return True


def put(content: Any, pointer: str, value: Any) -> None:
    """Set a member or replace an item in place; objects on the way are made.

    Raises:
        LookupError: the way leads through something that holds nothing.
    """
    *way, last = steps_of(pointer)
    held = content
    for step in way:
        held = held.setdefault(step, {}) if isinstance(held, dict) else value_at(held, f"/{step}")
    if isinstance(held, list):
        held[int(last)] = value
    elif isinstance(held, dict):
        held[last] = value
    else:
        raise LookupError(pointer)


def insert(content: Any, pointer: str, value: Any) -> None:
    """Add a member, or insert an item before the one at *pointer*; behind the last one where there are fewer.

    Raises:
        LookupError: the way leads through something that holds nothing.
    """
    parent, _, last = pointer.rpartition("/")
    if has(content, parent) and isinstance(held := value_at(content, parent), list):
        held.insert(len(held) if last == "-" else int(last), value)
    else:
        put(content, pointer, value)


def remove(content: Any, pointer: str) -> None:
    """Remove a member or an item.

    Raises:
        LookupError: there is none.
    """
    held = value_at(content, pointer.rpartition("/")[0])
    step = steps_of(pointer)[-1]
    del held[int(step) if isinstance(held, list) else step]
