"""Paths of fields: JSON Pointers in which ``*`` is every item of an array or every value of a map."""

Path = tuple[str, ...]
"""Names from the root of the event: ``("items", "*", "sku")`` for ``/items/*/sku``."""
WHOLE: Path = ()
"""The path of the event as a whole."""
ANY = "*"
LONGEST = 500
MOST_STEPS = 32


class PathInvalid(ValueError):
    """Not a path of a field; the text says why."""


def path_of(pointer: str) -> Path:
    """Read a pointer such as ``/items/*/sku``; an empty one is the event as a whole.

    Raises:
        PathInvalid: no slash at the beginning, a wrong escape, an index of an array, or too long.
    """
    if not pointer:
        return WHOLE
    if not pointer.startswith("/"):
        raise PathInvalid(f"{_shown(pointer)} does not begin with a slash")
    if len(pointer) > LONGEST or pointer.count("/") > MOST_STEPS:
        raise PathInvalid(f"{_shown(pointer)} has more than {LONGEST} characters or {MOST_STEPS} steps")
    steps = pointer[1:].split("/")
    for step in steps:
        if "~" in step.replace("~0", "").replace("~1", ""):
            raise PathInvalid(f"{_shown(pointer)} has a tilde that is not part of ~0 or ~1")
        if step.isdigit():
            raise PathInvalid(f"{_shown(pointer)} names one item by its index: write * for all items")
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in steps)


def pointer_of(path: Path) -> str:
    """Write a path as a pointer; the inverse of `path_of`."""
    return "".join("/" + step.replace("~", "~0").replace("/", "~1") for step in path)


def _shown(pointer: str) -> str:
    return repr(pointer if len(pointer) <= 80 else pointer[:77] + "...")
