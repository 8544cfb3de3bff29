"""Paths in a mapping: ``/lines/*/price``, where ``*`` is every item of an array or every value of a map."""

import re
from collections.abc import Callable, Iterator
from typing import Any

FieldPath = tuple[str, ...]

EVERY = "*"
_ESCAPE = re.compile(r"~(?![01])")
_MOST_STEPS = 50


def read_path(text: str) -> FieldPath:
    """Read a JSON Pointer whose steps may be ``*``; a field named ``*`` cannot be addressed.

    Raises:
        ValueError: not a path, or a path to the whole event; the message says what is wrong.
    """
    if not text.startswith("/") or text == "/":
        raise ValueError("not a path to a field, such as /lines/*/price")
    if _ESCAPE.search(text):
        raise ValueError("~ without 0 or 1 after it: write ~ as ~0, and / within a name as ~1")
    steps = tuple(step.replace("~1", "/").replace("~0", "~") for step in text[1:].split("/"))
    if "" in steps:
        raise ValueError("a name is missing between two slashes")
    if len(steps) > _MOST_STEPS:
        raise ValueError(f"more than {_MOST_STEPS} steps")
    return steps


def show_path(path: FieldPath) -> str:
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in path)


def containers(value: Any, path: FieldPath) -> Iterator[Any]:
    """Yield every dict or list at *path*; nothing where a part of the path is absent or null."""
    if not path:
        if isinstance(value, dict | list):
            yield value
        return
    step, rest = path[0], path[1:]
    if step == EVERY:
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            yield from containers(inner, rest)
    elif isinstance(value, dict) and step in value:
        yield from containers(value[step], rest)


def replace_each(container: Any, step: str, change: Callable[[Any], Any]) -> None:
    """Replace what is at *step* by what *change* returns for it, where it is not null."""
    if step != EVERY:
        keys: list[Any] = [step] if isinstance(container, dict) and step in container else []
    else:
        keys = list(container) if isinstance(container, dict) else list(range(len(container)))
    for key in keys:
        if container[key] is not None:
            container[key] = change(container[key])
