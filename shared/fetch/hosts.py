"""Reads the host of a URL: a name, or an address in its one usual spelling."""

from __future__ import annotations

import re
from functools import lru_cache
from ipaddress import AddressValueError, IPv4Address, IPv6Address

import idna

from shared.errors import InvalidUrl
from shared.fetch.ranges import IPAddress

MAX_NAME = 253  # RFC 1035 2.3.4, without the last dot.

_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
# A name whose last label is a number is an address to some resolvers: 127.1, 0x7f000001, 017700000001.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")


@lru_cache(maxsize=1024)
def parse_host(text: str) -> tuple[str, IPAddress | None]:
    """Reads a host as it stands in a URL.

    Args:
        text: between `//` and the port, without user-info; an IPv6 address in brackets.

    Returns:
        The host in ASCII and lower case without brackets and last dot, and its address if it is one.

    Raises:
        InvalidUrl: if it is neither a name nor an address in its usual spelling.
    """
    if text.startswith("["):
        ipv6 = _ipv6(text)
        return str(ipv6), ipv6
    name = _ascii(text).lower().removesuffix(".")
    labels = name.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        ipv4 = _ipv4(name)
        return str(ipv4), ipv4
    if len(name) > MAX_NAME or not all(_LABEL.fullmatch(label) for label in labels):
        raise InvalidUrl("The address has no valid host name after http://. Expected one such as example.com.")
    return name, None


def _ascii(text: str) -> str:
    if text.isascii():
        return text
    # The mapping of UTS 46 also turns full-width digits and dots into plain ones, so it comes before any check.
    if len(text) > MAX_NAME:
        raise InvalidUrl(f"The host name is too long. Expected at most {MAX_NAME} characters.")
    try:
        return idna.encode(text, uts46=True).decode("ascii")
    except UnicodeError:
        raise InvalidUrl("The host name has characters that no internationalized name may have.") from None


def _ipv4(name: str) -> IPv4Address:
    try:
        return IPv4Address(name)
    except AddressValueError:
        raise InvalidUrl(
            "The host is an address in an unusual spelling. Write it as four decimal numbers, such as 192.0.2.1."
        ) from None


def _ipv6(text: str) -> IPv6Address:
    try:
        address = IPv6Address(text.removeprefix("[").removesuffix("]"))
    except AddressValueError:
        address = None
    if address is None or not text.endswith("]") or address.scope_id is not None:
        raise InvalidUrl("The brackets hold no IPv6 address. Expected one such as [2001:db8::1], without a zone.")
    return address
