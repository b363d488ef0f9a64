"""Times of a schedule as people read them: in its own zone, and how far away. Each is also a Jinja filter."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from api.pages.format import DAY_S, HOUR_S, MINUTE_S, ago, plural


def zoned(then: float, timezone: str) -> str:
    """Returns a time in a zone, to the minute: Mon 2026-03-02 03:00 CET."""
    local = datetime.fromtimestamp(then, ZoneInfo(timezone))
    zone = local.tzname() or ""
    # Zones without letters of their own are named by how far they are from UTC.
    return f"{local:%a %Y-%m-%d %H:%M} {'' if zone[:1].isalpha() else 'UTC'}{zone}"


def relative(then: float, now: float) -> str:
    """Returns how far away a time is: in 3 days, in 40 seconds, 2 hours ago. Both are seconds since 1970."""
    if then <= now:
        return ago(then, now)
    left = then - now
    for name, size in (("day", DAY_S), ("hour", HOUR_S), ("minute", MINUTE_S)):
        if left >= 2 * size:
            return f"in {plural(round(left / size), name)}"
    return f"in {plural(max(1, round(left)), 'second')}"


FILTERS = {function.__name__: function for function in (zoned, relative)}
