"""The IPv4 address that an IPv6 address carries inside: a packet to the one ends at the other."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, IPv6Network

_LOW_32 = 0xFFFFFFFF
_LOW_40 = 0xFFFFFFFFFF

# RFC 4291 2.5.5: IPv4-compatible and IPv4-mapped. RFC 6052: the well-known prefix of NAT64.
_LAST_32_BITS = tuple(IPv6Network(text) for text in ("::/96", "::ffff:0:0/96", "64:ff9b::/96"))
_NAT64_LOCAL = IPv6Network("64:ff9b:1::/48")
_UNSPECIFIED_AND_LOOPBACK = (0, 1)
# RFC 5214 6.1: an interface identifier of ISATAP, with the "universal" bit (0x02000000) either way.
_ISATAP, _ISATAP_MASK = 0x00005EFE, 0xFDFFFFFF


def embedded_ipv4(address: IPv6Address) -> IPv4Address | None:
    """Returns the IPv4 address inside a mapped, compatible, NAT64, 6to4, Teredo or ISATAP address, else None."""
    value = int(address)
    if value in _UNSPECIFIED_AND_LOOPBACK:
        return None
    if any(address in network for network in _LAST_32_BITS):
        return IPv4Address(value & _LOW_32)
    if address in _NAT64_LOCAL:
        return _nat64_local(value)
    if address.sixtofour:
        return address.sixtofour
    if address.teredo:
        return address.teredo[1]
    if (value >> 32) & _ISATAP_MASK == _ISATAP:
        return IPv4Address(value & _LOW_32)
    return None


def _nat64_local(value: int) -> IPv4Address:
    # RFC 6052 2.2. With a /48 prefix the IPv4 address lies around bits 64 to 71 and 40 zero bits follow it;
    # with a /96 prefix inside the same /48 it is the last 32 bits.
    if value & _LOW_40 == 0:
        return IPv4Address((value >> 64 & 0xFFFF) << 16 | (value >> 40 & 0xFFFF))
    return IPv4Address(value & _LOW_32)
