"""Where a job comes from: what travels with it to those who do it, for their log lines and spans."""

from __future__ import annotations

from collections.abc import Mapping

from shared import logs, tracing

REQUEST = "request"
# As W3C's Trace Context names and writes it: version, trace, span, flags.
TRACEPARENT = "traceparent"


def origin() -> dict[str, str]:
    """Returns what travels with a job that is asked for here and now."""
    bound = logs.fields()
    request = {REQUEST: str(bound[REQUEST])} if REQUEST in bound else {}
    return request | tracing.origin()


def log_fields(origin: Mapping[str, str]) -> dict[str, str]:
    """Returns what log lines say of where a job comes from: its request and its trace, as far as there are some."""
    request = {REQUEST: origin[REQUEST]} if REQUEST in origin else {}
    trace = origin.get(TRACEPARENT, "").split("-")[1:2]
    return request | dict(zip(["trace"], trace, strict=False))
