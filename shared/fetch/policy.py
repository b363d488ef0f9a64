"""Which addresses may be reached: the public internet, and the networks an operator allowed."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address

from shared.errors import AddressNotAllowed
from shared.fetch.embedded import embedded_ipv4
from shared.fetch.ranges import IPAddress, IPNetwork, special_range

_WHAT_TO_DO = "Loupe fetches from the public internet only; an operator can allow a network with LOUPE_FETCH_ALLOW."


class AddressPolicy:
    """Judges addresses. `allow` are networks that may be reached besides the public internet."""

    def __init__(self, allow: Sequence[IPNetwork] = ()) -> None:
        self._allow = tuple(allow)

    def check(self, host: str, addresses: Sequence[IPAddress]) -> None:
        """Refuses a host as soon as one of its addresses is forbidden.

        Args:
            host: what the URL names, an address or a host name, for the message.
            addresses: every address of it, never empty.

        Raises:
            AddressNotAllowed: naming the kind of network. A name's address is left out of the message: what an
                inner name server answers is nobody's business outside.
        """
        for address in addresses:
            reason = self._refusal(address)
            if reason and host == str(address):
                raise AddressNotAllowed(f"The address {host} is {reason}. {_WHAT_TO_DO}")
            if reason:
                raise AddressNotAllowed(f"The host {host} has an address that is {reason}. {_WHAT_TO_DO}")

    def _refusal(self, address: IPAddress) -> str | None:
        if isinstance(address, IPv4Address):
            return self._own_refusal(address)
        if address.scope_id is not None:
            return "bound to one network interface"
        inner = embedded_ipv4(address)
        if inner is None:
            return self._own_refusal(address)
        # A mapped address is the IPv4 address itself. Any other is a tunnel through somebody else, so allowing
        # 127.0.0.0/8 does not open 64:ff9b::127.0.0.1, a translator's loopback: that takes both networks.
        if self._allowed(inner) and (address.ipv4_mapped or self._allowed(address)):
            return None
        return special_range(inner) or self._own_refusal(address)

    def _own_refusal(self, address: IPAddress) -> str | None:
        return None if self._allowed(address) else special_range(address)

    def _allowed(self, address: IPAddress) -> bool:
        return any(address in network for network in self._allow)
