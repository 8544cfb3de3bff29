"""Addresses and names of this machine, and which URLs are safe to sign in by."""

import ipaddress
from functools import lru_cache
from urllib.parse import urlsplit


def is_loopback_host(name: str) -> bool:
    """Whether *name*, a host name or an address without brackets, is one of this machine's own."""
    lowered = name.lower()
    return lowered == "localhost" or lowered.endswith(".localhost") or is_loopback_address(lowered)


@lru_cache(maxsize=4_096)  # asked of every request, and parsing costs as much as verifying that a token is known
def is_loopback_address(address: str) -> bool:
    """Whether *address* is a loopback address; one of IPv4 may be written as IPv6."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return bool((mapped or parsed).is_loopback)


def require_https(url: str) -> None:
    """Pass an https URL without credentials, query and wildcards; plain http is for this machine alone.

    Raises:
        ValueError: says why, and repeats nothing.
    """
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise ValueError("not a URL") from None
    if "@" in parts.netloc:
        raise ValueError("a URL with credentials in it")
    if parts.query or parts.fragment or not parts.hostname or "*" in url:
        raise ValueError("not a URL of the form https://host/path")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback_host(parts.hostname)):
        raise ValueError("not https, and not on this machine")
