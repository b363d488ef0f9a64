"""What a request goes through before it is answered or given up."""

from __future__ import annotations

import logging
from collections.abc import Callable

import requests

from loupe.answers import TRANSIENT, to_error
from loupe.backoff import Backoff, retry_after
from loupe.errors import LoupeError

log = logging.getLogger("loupe")

TOO_MANY = 429
# A server that never answered is not there; one that did is being restarted, and worth waiting for.
FIRST_CONTACT_S = 2.0


class Tries:
    """Counts what a request went through, and says when it is given up.

    Args:
        budget_s: asked at the first failure: how long it is tried again from then on.
    """

    def __init__(self, budget_s: Callable[[], float]) -> None:
        self._budget_s = budget_s
        self._backoff: Backoff | None = None

    def refused(self, response: requests.Response, *, safe: bool) -> bool:
        """Waits for the next try if the answer is an error, or raises it; returns False if it is none."""
        error = to_error(response)
        if error is None:
            return False
        # 429 says that nothing was done, so anything may be sent again.
        again = response.status_code in TRANSIENT and (safe or response.status_code == TOO_MANY)
        self.failed(error, again=again, wait_s=retry_after(response.headers.get("Retry-After")))
        return True

    def failed(self, error: LoupeError, *, again: bool, wait_s: float | None = None) -> None:
        """Waits for the next try, or raises the error if there is none."""
        if not again:
            raise error
        if self._backoff is None:
            budget_s = self._budget_s()
            self._backoff = Backoff(budget_s)
            if budget_s > FIRST_CONTACT_S:
                log.info("%s Trying again for %.0f s.", error.message, budget_s)
        if not self._backoff.pause(wait_s):
            raise error
