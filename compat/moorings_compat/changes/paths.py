"""Dotted paths of all that a schema declares, by where it is declared."""

from collections import deque

from moorings_compat.changes.outline import Outline


def dotted_paths(outline: Outline) -> dict[str, str]:
    """Return the shortest dotted path of each declaration, by its location."""
    found: dict[str, str] = {}
    waiting = deque([(outline.root, "")])
    seen: set[str] = set()
    while waiting:
        key, path = waiting.popleft()
        if key in seen:
            continue
        seen.add(key)
        definition = outline.of(key)
        found.setdefault(definition.pointer, path)
        for part in definition.parts:
            inner = ".".join(filter(None, (path, part.step)))
            found.setdefault(part.pointer, inner)
            waiting.extend((one, inner) for one in part.definitions)
    return found
