"""Payloads without the fields that do not matter: of three hundred, the one that is refused, and a few around it."""

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from moorings_compat.json_schema.payloads import write_payload

_FEW = 3
"""Members of an object that are shown in any case."""
_ITEMS = 3


def pruned(payload: str, paths: Iterable[str]) -> tuple[str, int]:
    """Return *payload* with the members on the dotted *paths* and a few others, and how many members are left out.

    What is not JSON, or has few members, stays as it is.
    """
    try:
        value = json.loads(payload, parse_float=Decimal)
    except ValueError:
        return payload, 0
    steps = [tuple(path.split(".")) for path in paths if path]
    left_out = 0

    def kept(held: Any, wanted: list[tuple[str, ...]]) -> Any:
        nonlocal left_out
        if isinstance(held, list):
            left_out += max(0, len(held) - _ITEMS)
            return [kept(one, wanted) for one in held[:_ITEMS]]
        if not isinstance(held, dict):
            return held
        here = {one[0] for one in wanted if one}
        on_the_way = not here & held.keys()
        free = _FEW - len(here & held.keys())
        shown: dict[str, Any] = {}
        for name, inner in held.items():
            if name in here or free > 0:
                free -= name not in here
                further = wanted if on_the_way else [one[1:] for one in wanted if one and one[0] == name]
                shown[name] = kept(inner, further)
            else:
                left_out += 1
        return shown

    again = kept(value, steps)
    return (write_payload(again), left_out) if left_out else (payload, 0)
