"""Places that a mapping names: ``/lines/*/price``, where ``*`` is every item of an array or every value of a map."""

import re
from collections.abc import Callable, Iterator
from typing import Any

FieldPath = tuple[str, ...]

EVERY = "*"
_ESCAPE = re.compile(r"~(?![01])")
_MOST_STEPS = 50


def read_path(text: str) -> FieldPath:
    """Read a JSON Pointer whose steps may be ``*``; a field of that very name cannot be told.

    Raises:
        ValueError: it is none, or names the event as a whole; the message says what to write.
    """
    if not text.startswith("/") or text == "/":
        raise ValueError("a path begins with / and names a field, such as /lines/*/price")
    if _ESCAPE.search(text):
        raise ValueError("in a path, ~ is written ~0 and / within a name ~1")
    steps = tuple(step.replace("~1", "/").replace("~0", "~") for step in text[1:].split("/"))
    if "" in steps:
        raise ValueError("a path has a name between any two slashes")
    if len(steps) > _MOST_STEPS:
        raise ValueError(f"a path has at most {_MOST_STEPS} steps")
    return steps


def show_path(path: FieldPath) -> str:
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in path)


def containers(value: Any, path: FieldPath) -> Iterator[Any]:
    """Yield every dict or list that *path* leads to; a place that is not there, or null, leads nowhere."""
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
    """Put what *change* makes of it in the place of what stands under *step*, where that is not null."""
    if step != EVERY:
        keys: list[Any] = [step] if isinstance(container, dict) and step in container else []
    else:
        keys = list(container) if isinstance(container, dict) else list(range(len(container)))
    for key in keys:
        if container[key] is not None:
            container[key] = change(container[key])
