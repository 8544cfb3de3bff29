"""Payloads that show what a comparison of schemas does not: a field that is no longer there, a symbol that is new."""

import json
from typing import Any

from moorings_compat.fields.paths import ANY, Path
from moorings_compat.fields.tree import FieldTree, Holder, find


def payload_at(root: FieldTree, path: Path, value: Any) -> str:
    """Make an event of the one field at *path*, as JSON text."""
    return json.dumps(_around(root, path, value), ensure_ascii=False)


def payload_without(root: FieldTree, path: Path) -> str:
    """Make an event of what is around the field at *path*, which the schema does not have, as JSON text."""
    outer = path[:-1]
    while outer and find(root, outer) is None:
        outer = outer[:-1]
    return json.dumps(_around(root, outer, {}), ensure_ascii=False)


def _around(root: FieldTree, path: Path, value: Any) -> Any:
    holders = []
    at: FieldTree | None = root
    for step in path:
        holders.append((step, at.holder if at is not None else Holder.FIELDS))
        at = find(at, (step,)) if at is not None else None
    for step, holder in reversed(holders):
        value = [value] if holder is Holder.ITEMS else {"key" if step == ANY else step: value}
    return value
