"""Which addresses the registry sends requests to on somebody else's behalf: public ones, and those that are allowed.

Whoever may create a webhook chooses where the registry connects to. So nothing of its own network can be reached that
way unless the operator says so: not this machine, not private or link-local addresses, no cloud's metadata service.
"""

import ipaddress
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_UNICAST = ipaddress.ip_network("2000::/3")
"""The only IPv6 addresses that are given out for use (RFC 4291, section 2.4): what lies outside stands for something
else, such as an IPv4 address (``::7f00:1``, ``::ffff:0:7f00:1``, ``64:ff9b:1::7f00:1``)."""
_RESERVED = tuple(
    ipaddress.ip_network(one)
    for one in (
        "168.63.129.16/32",  # the services of Azure for its own machines, at an address that looks public
        "192.0.0.0/24",  # protocols, and the metadata service of Oracle's cloud (RFC 6890, section 2.2.2)
        "192.88.99.0/24",  # relays that no longer exist (RFC 7526)
        "3fff::/20",  # documentation (RFC 9637)
    )
)
"""Not public either, which the versions of Python do not agree on, or do not know."""


@dataclass(frozen=True, slots=True)
class AllowedAddresses:
    """Public addresses, those in *networks*, and with *loopback* this machine's own."""

    networks: tuple[Network, ...] = ()
    loopback: bool = False

    def allow(self, address: Address) -> bool:
        """Whether the registry may connect to *address*; one that stands for another is allowed if that is, too."""
        return all(self._allows(one) for one in _meanings(address))

    def _allows(self, address: Address) -> bool:
        if any(address in network for network in self.networks if network.version == address.version):
            return True
        if address.is_loopback:
            return self.loopback
        if isinstance(address, ipaddress.IPv6Address) and address not in _UNICAST:
            return False
        reserved = any(address in network for network in _RESERVED if network.version == address.version)
        return address.is_global and not address.is_multicast and not reserved


def read_networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Read networks such as ``10.0.0.0/8`` or ``fd00::/8``, or single addresses.

    Raises:
        ValueError: not a network; names it.
    """
    found: list[Network] = []
    for text in texts:
        try:
            found.append(ipaddress.ip_network(text))
        except ValueError as error:
            raise ValueError(f"not a network such as 10.0.0.0/8: {error}") from None
    return tuple(found)


def read_address(host: str) -> Address | None:
    """The address that *host* is, without brackets; None for a name."""
    try:
        return ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return None


def _meanings(address: Address) -> Iterator[Address]:
    """The address itself, or the IPv4 address that packets to it end at (RFC 4291, 3056, 4380, 6052)."""
    if isinstance(address, ipaddress.IPv4Address):
        yield address
    elif address.ipv4_mapped is not None:
        yield address.ipv4_mapped
    elif address.sixtofour is not None:
        yield address.sixtofour
    elif address.teredo is not None:
        yield from address.teredo
    elif address in _NAT64:
        yield ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    else:
        yield address
