"""Addresses and names of this machine."""

import ipaddress


def is_loopback_host(name: str) -> bool:
    """Whether *name*, a host name or an address without brackets, is one of this machine's own."""
    lowered = name.lower()
    return lowered == "localhost" or lowered.endswith(".localhost") or is_loopback_address(lowered)


def is_loopback_address(address: str) -> bool:
    """Whether *address* is a loopback address; one of IPv4 may be written as IPv6."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return bool((mapped or parsed).is_loopback)
