"""Where a job comes from, for the log lines of those who do it."""

from __future__ import annotations

from shared.logs import fields

# What travels with a job of what is bound to the log lines of who asks for it.
TRAVELS = ("request",)


def origin() -> dict[str, str]:
    """Returns what travels with a job that is asked for here and now."""
    bound = fields()
    return {name: str(bound[name]) for name in TRAVELS if name in bound}
