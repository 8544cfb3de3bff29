"""Tags that metadata gives to fields: what rules about fields are chosen by."""

import re
from collections.abc import Iterable, Mapping
from typing import Any


class Tags:
    """The tags that a schema's metadata gives to fields by patterns of their full names.

    In a pattern ``?`` stands for one character, ``*`` for any within a part between dots, ``**`` for any at all.
    """

    def __init__(self, metadata: Mapping[str, Any] | None) -> None:
        given = (metadata or {}).get("tags")
        patterns = given.items() if isinstance(given, Mapping) else ()
        self._given = [(_pattern(str(path)), frozenset(map(str, names))) for path, names in patterns]

    def of(self, full_name: str, inline: Iterable[str] = ()) -> frozenset[str]:
        """Return a field's tags: those inside the schema, and those of the metadata."""
        found = frozenset(inline)
        for pattern, names in self._given:
            if pattern.fullmatch(full_name):
                found |= names
        return found


_WILDCARDS = re.compile(r"\*\*\.\*|\*\*|\*|\?|[^*?]+")
_MEANINGS = {"**.*": ".*", "**": ".*", "*": r"[^.]*", "?": "[^.]"}


def _pattern(path: str) -> re.Pattern[str]:
    parts = _WILDCARDS.findall(path)
    return re.compile("".join(_MEANINGS.get(part) or re.escape(part) for part in parts), re.DOTALL)
