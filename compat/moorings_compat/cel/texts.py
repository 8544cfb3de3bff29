"""Functions of CEL's texts beyond the standard: its strings extension, and the formats that rules check.

Every result is bounded, since a rule may make a long text longer in each step.
Sources: cel-spec's `ext/strings`; RFC 5321, 1123, 4291, 3986 and 9562 for the forms.
"""

import ipaddress
import re
from collections.abc import Callable, Sequence
from typing import Any

MOST_CHARACTERS = 1_000_000
MOST_PARTS = 10_000

_HOST_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?", re.ASCII)
_MAILBOX = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}", re.ASCII)
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", re.ASCII)
_URI_CHARACTERS = re.compile(r"(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})*", re.ASCII)
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:", re.ASCII)
_AUTHORITY = re.compile(r"(?:[^@/?#\[\]]*@)?(\[[0-9A-Fa-fvV:.]+\]|[^@:/?#\[\]]*)(?::[0-9]*)?", re.ASCII)


def is_hostname(text: str) -> bool:
    """A name of letters, digits and hyphens between dots, the last part not of digits alone (RFC 1123)."""
    parts = text.removesuffix(".").split(".") if len(text) <= 253 else [""]
    return all(_HOST_LABEL.fullmatch(part) for part in parts) and not parts[-1].isdigit()


def is_email(text: str) -> bool:
    """A mailbox without quotes or comments at a host."""
    name, at, host = text.rpartition("@")
    dots = name.startswith(".") or name.endswith(".") or ".." in name
    return bool(at) and len(text) <= 254 and bool(_MAILBOX.fullmatch(name)) and not dots and is_hostname(host)


def is_ipv4(text: str) -> bool:
    return _parses(ipaddress.IPv4Address, text)


def is_ipv6(text: str) -> bool:
    return _parses(ipaddress.IPv6Address, text)


def is_uuid(text: str) -> bool:
    return _UUID.fullmatch(text) is not None


def is_uri(text: str) -> bool:
    """A URI with a scheme, and something after it."""
    scheme = _SCHEME.match(text)
    return scheme is not None and len(text) > scheme.end() and is_uri_ref(text)


def is_uri_ref(text: str) -> bool:
    """A URI, or a reference relative to one."""
    if not _URI_CHARACTERS.fullmatch(text) or text.count("#") > 1:
        return False
    scheme = _SCHEME.match(text)
    rest = text[scheme.end() :] if scheme else text
    if not scheme and ":" in re.split("[/?#]", rest, maxsplit=1)[0]:
        return False
    path = rest
    if rest.startswith("//"):
        authority = re.split("[/?#]", rest[2:], maxsplit=1)[0]
        path = rest[2 + len(authority) :]
        matched = _AUTHORITY.fullmatch(authority)
        if matched is None or (matched[1].startswith("[") and not is_ipv6(matched[1][1:-1])):
            return False
    return "[" not in path and "]" not in path


def char_at(text: str, index: int) -> str:
    if not 0 <= index <= len(text):
        raise ValueError("an index outside the text")
    return text[index : index + 1]


def index_of(text: str, part: str, start: int = 0) -> int:
    if not 0 <= start <= len(text):
        raise ValueError("an index outside the text")
    return text.find(part, start)


def last_index_of(text: str, part: str, start: int | None = None) -> int:
    if start is not None and not 0 <= start <= len(text):
        raise ValueError("an index outside the text")
    return text.rfind(part) if start is None else text.rfind(part, 0, start + len(part))


def lower_ascii(text: str) -> str:
    return text.translate(_LOWER)


def upper_ascii(text: str) -> str:
    return text.translate(_UPPER)


def replace(text: str, old: str, new: str, most: int = -1) -> str:
    times = text.count(old) if most < 0 else min(text.count(old), most)
    _bound(len(text) + times * (len(new) - len(old)))
    return text.replace(old, new, most)


def split(text: str, separator: str, most: int = -1) -> list[str]:
    if most in (0, 1):
        return [text] if most else []
    wanted = most - 1 if most > 0 else MOST_PARTS
    if not separator:
        parts = [*text[:wanted], text[wanted:]] if len(text) > wanted else list(text)
    else:
        parts = text.split(separator, wanted)
    if most < 0 and len(parts) > MOST_PARTS:
        raise ValueError("too many parts")
    return parts


def substring(text: str, start: int, end: int | None = None) -> str:
    end = len(text) if end is None else end
    if not 0 <= start <= end <= len(text):
        raise ValueError("an index outside the text")
    return text[start:end]


def join(parts: Sequence[Any], separator: str = "") -> str:
    if not all(isinstance(part, str) for part in parts):
        raise TypeError("join takes a list of texts only")
    _bound(sum(map(len, parts)) + len(separator) * len(parts))
    return separator.join(parts)


def trim(text: str) -> str:
    return text.strip()


def reverse(text: str) -> str:
    return text[::-1]


def _bound(characters: int) -> None:
    if characters > MOST_CHARACTERS:
        raise ValueError("a text that is too long")


def _parses(read: Callable[[str], Any], text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return "%" not in text


_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}
_UPPER = {code: code - 32 for code in range(ord("a"), ord("z") + 1)}
