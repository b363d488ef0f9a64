"""Numbers, shares, durations and times as people read them. Each is also a Jinja filter of the same name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from markupsafe import Markup, escape

from shared.fetch.urls import redact
from shared.shares import SPACE, cut, percent, points

MINUTE_S = 60
HOUR_S = 60 * MINUTE_S
DAY_S = 24 * HOUR_S


def number(value: float) -> str:
    """Returns a whole number with commas: 12,400."""
    return f"{round(value):,}"


def milliseconds(value: float) -> str:
    """Returns a short duration: 0.4 ms, 84 ms, 1.3 s."""
    if value < 10:
        return f"{value:.1f}{SPACE}ms"
    if value < 1000:
        return f"{value:.0f}{SPACE}ms"
    return f"{value / 1000:.1f}{SPACE}s"


def duration(seconds: float) -> str:
    """Returns a duration with one or two units: 84 ms, 8.4 s, 40 s, 2 min 5 s, 1 h 3 min, 2 d 4 h."""
    if seconds < 1:
        return milliseconds(seconds * 1000)
    if seconds < 9.95:
        return f"{seconds:.1f}{SPACE}s"
    whole = round(seconds)
    for unit, size, smaller, part in (
        ("d", DAY_S, "h", HOUR_S),
        ("h", HOUR_S, "min", MINUTE_S),
        ("min", MINUTE_S, "s", 1),
    ):
        if whole >= size:
            rest = whole % size // part
            return f"{whole // size}{SPACE}{unit}" + (f" {rest}{SPACE}{smaller}" if rest else "")
    return f"{whole}{SPACE}s"


def about(seconds: float) -> str:
    """Returns how long something will roughly take, in whole units: 7 s, 2 min, 1 h."""
    if seconds < MINUTE_S:
        return f"{max(1, round(seconds))}{SPACE}s"
    if seconds < HOUR_S:
        return f"{round(seconds / MINUTE_S)}{SPACE}min"
    return f"{round(seconds / HOUR_S)}{SPACE}h"


def ago(then: float, now: float) -> str:
    """Returns how long ago a time was: just now, 40 seconds ago, 3 days ago. Both are seconds since 1970."""
    passed = max(0.0, now - then)
    if passed < 10:
        return "just now"
    for name, size in (("day", DAY_S), ("hour", HOUR_S), ("minute", MINUTE_S), ("second", 1)):
        count = int(passed // size)
        if count:
            return f"{count} {name}{'' if count == 1 else 's'} ago"
    return "just now"


def period(seconds: float) -> str:
    """Returns a length of time in words: 7 days, 12 hours, 90 seconds."""
    for name, length in (("day", DAY_S), ("hour", HOUR_S), ("minute", MINUTE_S)):
        if seconds >= length and seconds % length == 0:
            return plural(seconds // length, name)
    return plural(seconds, "second")


def clock(then: float) -> str:
    """Returns a time for people: 2026-03-01 14:02:10 UTC."""
    return datetime.fromtimestamp(then, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")


def iso(then: float) -> str:
    """Returns a time for machines, RFC 3339: 2026-03-01T14:02:10Z."""
    return datetime.fromtimestamp(then, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def size(count: float) -> str:
    """Returns a number of bytes with its binary unit: 20 MiB."""
    for unit in ("B", "KiB", "MiB"):
        if count < 1024:
            return f"{_digits(count)}{SPACE}{unit}"
        count /= 1024
    return f"{_digits(count)}{SPACE}GiB"


def _digits(count: float) -> str:
    """Returns three digits at least, and none behind the point that say nothing."""
    return f"{count:.0f}" if count >= 100 else f"{count:.3g}"


def plural(count: float, one: str, many: str = "") -> str:
    """Returns a count with its noun: 1 picture, 12,400 pictures."""
    return f"{number(count)} {one if count == 1 else many or one + 's'}"


def bare(url: str) -> str:
    """Returns an address without its scheme, as a table shows it: shop.example/1.jpg."""
    return url.partition("://")[2] or url


def clipped(text: str, most: int) -> str:
    """Returns a text of at most so many characters; what is left out of a longer one is its middle."""
    return text if len(text) <= most else f"{text[: most // 2]}…{text[-(most - most // 2 - 1) :]}"


def article(noun: str) -> str:
    """Returns "a" or "an", by the noun's first letter."""
    return "an" if noun[:1].lower() in "aeiou" else "a"


def codes(text: str) -> Markup:
    """Returns a text for a page in which what stands in backticks is code."""
    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped before


def few(names: Sequence[str], most: int) -> str:
    """Returns names in a row, the last after "and"; of too many the first and how many more: a, b and 5 more."""
    if len(names) > most:
        return f"{', '.join(names[: most - 1])} and {number(len(names) - most + 1)} more"
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


FILTERS = {
    function.__name__: function
    for function in (
        number,
        percent,
        points,
        cut,
        milliseconds,
        duration,
        about,
        ago,
        period,
        clock,
        iso,
        size,
        plural,
        article,
        bare,
        clipped,
        codes,
        few,
        redact,
    )
}
