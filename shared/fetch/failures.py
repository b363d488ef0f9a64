"""What an error of the network means to the one who wanted the picture."""

from __future__ import annotations

import ssl

from shared.errors import ConnectFailed, ItemError, TlsFailed
from shared.fetch.deadline import Deadline
from shared.fetch.target import Target


def network_error(target: Target, error: OSError, deadline: Deadline) -> ItemError:
    """Returns what an error of the connection or its TLS means for the item.

    Raises:
        FetchTimeout: when the time is over, which is then the cause.
    """
    deadline.left()
    if isinstance(error, ssl.SSLError):
        reason = getattr(error, "verify_message", "") or error.reason or "the handshake broke off"
        return TlsFailed(f"The secure connection to {target.authority} failed: {reason}.")
    reason = error.strerror or "the connection broke or the answer is not HTTP"
    if isinstance(error, TimeoutError):
        reason = "it takes no connections"
    return ConnectFailed(f"No answer from {target.authority}: {reason}. Check the address and the host.")
