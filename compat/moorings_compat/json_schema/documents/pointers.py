"""JSON Pointers as tuples of steps, and the parts of URIs that `$id` and `$ref` need (RFC 6901, RFC 3986).

`urllib` would do, but the compatibility library keeps away from everything that can open a connection.
"""

import re
from typing import Any, TypeAlias

from moorings_compat.json_text import pointer

Steps: TypeAlias = tuple[str | int, ...]

_URI = re.compile(r"(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?://([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?", re.DOTALL)
_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2})+")


def pointer_text(steps: Steps) -> str:
    """Write *steps* as a JSON Pointer."""
    return pointer(*steps)


def pointer_steps(text: str, within: Any) -> Steps | None:
    """Read a JSON Pointer against the value it points into; None where it leads nowhere."""
    steps: list[str | int] = []
    value = within
    for raw in text.split("/")[1:]:
        name = raw.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict) and name in value:
            steps.append(name)
            value = value[name]
        elif isinstance(value, list) and name.isdecimal() and name.isascii() and int(name[:9]) < len(value):
            steps.append(int(name))
            value = value[int(name)]
        else:
            return None
    return tuple(steps)


def value_at(value: Any, steps: Steps) -> Any:
    """Follow *steps*, which must lead somewhere."""
    for step in steps:
        value = value[step]
    return value


def kind_name(value: Any) -> str:
    """Name the JSON type of a decoded value, with its article."""
    if value is None:
        return "null"
    names = {bool: "a boolean", str: "a string", list: "an array", dict: "an object"}
    return names.get(type(value), "a number")


def split_fragment(uri: str) -> tuple[str, str]:
    """Cut *uri* at its fragment, which comes back percent-decoded."""
    base, _, fragment = uri.partition("#")
    return base, _PERCENT.sub(lambda match: _decode(match.group()), fragment)


def _decode(escapes: str) -> str:
    return bytes.fromhex(escapes.replace("%", "")).decode("utf-8", errors="replace")


def resolve_uri(base: str, reference: str) -> str:
    """Resolve *reference* against *base* (RFC 3986, section 5.2), fragments dropped.

    A base without a scheme works too, so that relative `$id`s of documents without a name can differ.
    """
    scheme, authority, path, query, _ = _uri_parts(reference)
    base_scheme, base_authority, base_path, base_query, _ = _uri_parts(base)
    if scheme is not None:
        return _join(scheme, authority, _without_dots(path), query)
    if authority is not None:
        return _join(base_scheme, authority, _without_dots(path), query)
    if not path:
        return _join(base_scheme, base_authority, base_path, query if query is not None else base_query)
    if not path.startswith("/"):
        path = _merged_path(base_path, path, rooted=base_authority is not None)
    return _join(base_scheme, base_authority, _without_dots(path), query)


def _uri_parts(uri: str) -> tuple[str | None, str | None, str, str | None, str | None]:
    match = _URI.fullmatch(uri)
    assert match is not None  # every string fits: each part is optional and the path takes the rest
    scheme, authority, path, query, fragment = match.groups()
    return scheme, authority, path, query, fragment


def _merged_path(base_path: str, path: str, *, rooted: bool) -> str:
    if not base_path and rooted:
        return "/" + path
    return base_path[: base_path.rfind("/") + 1] + path


def _without_dots(path: str) -> str:
    if "." not in path:
        return path
    kept: list[str] = []
    segments = path.split("/")
    for segment in segments:
        if segment == "..":
            if kept and kept != [""]:
                kept.pop()
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in {".", ".."}:
        kept.append("")
    return "/".join(kept)


def _join(scheme: str | None, authority: str | None, path: str, query: str | None) -> str:
    head = f"{scheme}:" if scheme is not None else ""
    host = f"//{authority}" if authority is not None else ""
    tail = f"?{query}" if query is not None else ""
    return head + host + path + tail
