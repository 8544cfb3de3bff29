"""Names in Avro: what one may look like, and how a short one becomes a full one.

Source: Avro 1.12, Names. A full name is ``namespace.name``; the null namespace is written as the empty string here.
"""

import re
from collections.abc import Mapping
from typing import Any

PRIMITIVES = ("null", "boolean", "int", "long", "float", "double", "bytes", "string")
COMPLEX = ("record", "error", "enum", "fixed", "array", "map", "union")

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_FULL_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")


def is_name(text: str) -> bool:
    """Tell whether *text* may name a field, a symbol, or a type within its namespace."""
    return _NAME.fullmatch(text) is not None


def is_full_name(text: str) -> bool:
    """Tell whether *text* is a sequence of names separated by dots: a full name, or a namespace that is not null."""
    return _FULL_NAME.fullmatch(text) is not None


def full_name(name: str, namespace: str) -> str:
    """Place *name* in *namespace*, unless it has dots and so is a full name already."""
    return f"{namespace}.{name}" if namespace and "." not in name else name


def defined_name(definition: Mapping[str, Any], namespace: str) -> str:
    """Return the full name that *definition*, the JSON of a valid one, has within *namespace*."""
    return full_name(definition["name"], own_namespace(definition, namespace))


def own_namespace(definition: Mapping[str, Any], namespace: str) -> Any:
    """Return the namespace that *definition* gives itself within *namespace*; null says nothing, as Java has it."""
    own = definition.get("namespace")
    return namespace if own is None else own


def namespace_of(full: str) -> str:
    """Return the part before the last dot; empty for the null namespace."""
    return full.rpartition(".")[0]


def short_name(full: str) -> str:
    """Return the part after the last dot."""
    return full.rpartition(".")[2]
