"""How long to wait before a request is sent again."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

FIRST_S = 0.5
LONGEST_S = 20.0


class Backoff:
    """The pauses of one request: twice as long each time and drawn at random, or what the server asks for.

    At random ("full jitter"), so that a thousand clients of a server that comes back do not all come at once:
    https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/

    Args:
        budget_s: when so many seconds would be over, it is given up.
        clock: seconds that never go back.
        sleep: waits for seconds.
    """

    def __init__(
        self,
        budget_s: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._clock = clock
        self._sleep = sleep
        self._give_up = clock() + budget_s
        self._longest = FIRST_S

    def pause(self, asked_s: float | None = None) -> bool:
        """Waits; returns False at once when the budget does not reach that far.

        Args:
            asked_s: what `Retry-After` said. No random pause is added: the server knows best. But 0, or a date that is
                past, does not say how long, and nobody is helped by who asks without a pause.
        """
        pause = asked_s or random.uniform(0, self._longest)  # noqa: S311 - no secret
        self._longest = min(self._longest * 2, LONGEST_S)
        if self._clock() + pause > self._give_up:
            return False
        self._sleep(pause)
        return True


def retry_after(header: str | None) -> float | None:
    """Returns the seconds that a `Retry-After` asks for: a number or a date; None if it says neither."""
    if header is None:
        return None
    if header.strip().isdecimal() and header.isascii():
        return float(header.strip()[:9])
    try:
        then = parsedate_to_datetime(header).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return max(0.0, (then - datetime.now(UTC)).total_seconds())
