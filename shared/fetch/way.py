"""The addresses of a host, looked up and checked: nothing is connected to that did not come from here."""

from __future__ import annotations

from collections.abc import Sequence

from shared.fetch.deadline import Deadline
from shared.fetch.lookup import Lookup, system_lookup
from shared.fetch.policy import AddressPolicy
from shared.fetch.ranges import IPAddress, IPNetwork
from shared.fetch.resolver import Resolver
from shared.fetch.target import Target


class Way:
    """Finds the way to hosts. Thread-safe.

    Args:
        allow: networks that may be reached besides the public internet.
        lookup: looks a host name up, blocking.
    """

    def __init__(self, allow: Sequence[IPNetwork] = (), lookup: Lookup = system_lookup) -> None:
        self._policy = AddressPolicy(allow)
        self._resolver = Resolver(lookup)

    def to(self, target: Target, deadline: Deadline) -> Sequence[IPAddress]:
        """Returns every address of the target's host, at least one, all of them allowed.

        Raises:
            AddressNotAllowed: one of them is not.
            DnsFailed: there are none, or the name server does not answer.
            FetchTimeout: the deadline comes first.
        """
        addresses = (target.address,) if target.address else self._resolver.resolve(target.host, deadline)
        self._policy.check(target.host, addresses)
        return addresses

    def close(self) -> None:
        """Ends the look-up threads."""
        self._resolver.close()
