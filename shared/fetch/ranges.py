"""Which addresses are not on the public internet, and why.

`ipaddress.is_global` is no such test: it says yes to NAT64, 6to4, ISATAP, IPv4-compatible, site-local and multicast
addresses, each of which can lead back into a private network.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

IPAddress = IPv4Address | IPv6Address
IPNetwork = IPv4Network | IPv6Network

# The IANA IPv4 Special-Purpose Address Registry, whole, also the entries it calls globally reachable: none holds
# pictures. https://www.iana.org/assignments/iana-ipv4-special-registry
# Then what that registry leaves to others: multicast, and one cloud's address for its own machines.
_IPV4 = {
    "0.0.0.0/8": 'in "this network"',
    "10.0.0.0/8": "on a private network",
    "100.64.0.0/10": "on a provider's shared network",
    "127.0.0.0/8": "a loopback address",
    "169.254.0.0/16": "a link-local address",
    "172.16.0.0/12": "on a private network",
    "192.0.0.0/24": "kept for network protocols",
    "192.0.2.0/24": "kept for documentation",
    "192.31.196.0/24": "kept for network protocols",
    "192.52.193.0/24": "kept for network protocols",
    "192.88.99.0/24": "a 6to4 relay",
    "192.168.0.0/16": "on a private network",
    "192.175.48.0/24": "kept for network protocols",
    "198.18.0.0/15": "kept for benchmarks",
    "198.51.100.0/24": "kept for documentation",
    "203.0.113.0/24": "kept for documentation",
    "255.255.255.255/32": "the broadcast address",
    "240.0.0.0/4": "reserved",
    "224.0.0.0/4": "a multicast address",
    "168.63.129.16/32": "a cloud's own address",
}

# The IANA IPv6 Special-Purpose Address Registry, whole (2001::/23 holds Teredo, benchmarking, ORCHID and others).
# https://www.iana.org/assignments/iana-ipv6-special-registry
# Then IPv4-compatible, site-local and multicast addresses, and last what is not given out as global unicast:
# https://www.iana.org/assignments/ipv6-address-space
_IPV6 = {
    "::/128": "the unspecified address",
    "::1/128": "a loopback address",
    "::ffff:0:0/96": "an IPv4 address in IPv6 form",
    "64:ff9b::/96": "a translated IPv4 address (NAT64)",
    "64:ff9b:1::/48": "a translated IPv4 address (NAT64)",
    "100::/64": "kept for discarding",
    "100:0:0:1::/64": "kept for network protocols",
    "2001::/23": "kept for network protocols",
    "2001:db8::/32": "kept for documentation",
    "2002::/16": "a tunnelled IPv4 address (6to4)",
    "2620:4f:8000::/48": "kept for network protocols",
    "3fff::/20": "kept for documentation",
    "5f00::/16": "kept for network protocols",
    "fc00::/7": "on a private network",
    "fe80::/10": "a link-local address",
    "::/96": "an IPv4 address in IPv6 form",
    "fec0::/10": "a site-local address",
    "ff00::/8": "a multicast address",
}
_GLOBAL_UNICAST = IPv6Network("2000::/3")

_IPV4_RANGES = tuple((IPv4Network(text), reason) for text, reason in _IPV4.items())
_IPV6_RANGES = tuple((IPv6Network(text), reason) for text, reason in _IPV6.items())


@lru_cache(maxsize=4096)
def special_range(address: IPAddress) -> str | None:
    """Returns what kind of special-purpose address this is, in words that follow "is", or None for a public one.

    The address is taken as it stands; `shared.fetch.embedded` says which IPv4 address an IPv6 one carries.
    """
    if isinstance(address, IPv4Address):
        return next((reason for network, reason in _IPV4_RANGES if address in network), None)
    for network, reason in _IPV6_RANGES:
        if address in network:
            return reason
    return None if address in _GLOBAL_UNICAST else "reserved"
