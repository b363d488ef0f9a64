"""One trace per job, through OpenTelemetry, where `OTEL_EXPORTER_OTLP_ENDPOINT` is set.

Elsewhere no tracer and no exporter is loaded, and a span is an empty block.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from shared.spans import Spans

Kind = Literal["internal", "server", "consumer"]
Attributes = Mapping[str, str | int | float | bool]

# Every other setting (headers, sampling, names) is OpenTelemetry's own variable too, and read by its SDK.
ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
NOTHING: Attributes = {}

_spans: Spans | None = None


def start_tracing(role: str) -> None:
    """Begins to send this process's spans, in a thread of its own: call it after a fork, never before one."""
    global _spans
    if any(os.environ.get(name) for name in ENDPOINTS):
        from shared.spans import Spans

        _spans = Spans(role)


def stop_tracing() -> None:
    """Sends what is left, and ends it; a process that ends in good order does so by itself."""
    global _spans
    if _spans:
        _spans.stop()
    _spans = None


def span(
    name: str, kind: Kind = "internal", origin: Mapping[str, str] | None = None, attributes: Attributes = NOTHING
) -> AbstractContextManager[None]:
    """Times the block as a span of the trace at hand.

    Args:
        origin: what `origin()` returned where the work was asked for; its trace goes on here.
    """
    return _spans.span(name, kind, origin, attributes) if _spans else nullcontext()


def step(name: str) -> AbstractContextManager[None]:
    """Times a step of a unit that has one item; those of a list's chunk would be too many."""
    return _spans.step(name) if _spans else nullcontext()


def note(attributes: Attributes, error: str = "") -> None:
    """Adds to the span at hand what became of its work, and the code of an error that it ended with."""
    if _spans:
        _spans.note(attributes, error)


def origin() -> dict[str, str]:
    """Returns what work that is asked for here has to carry, so that its spans are of the same trace."""
    return _spans.origin() if _spans else {}
