"""The spans of `shared.tracing`, where there are some; the one module that loads OpenTelemetry."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext

from opentelemetry import context, propagate, trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, Status, StatusCode

from shared.tracing import NOTHING, Attributes, Kind

# How many items a unit has; steps are told of units with one.
ITEMS = "loupe.items"


class Spans:
    """Makes spans and sends them over OTLP, some at a time.

    Args:
        role: of this process, part of its service's name unless `OTEL_SERVICE_NAME` gives it another one.
    """

    def __init__(self, role: str) -> None:
        name = os.environ.get("OTEL_SERVICE_NAME") or f"loupe-{role}"
        self._provider = TracerProvider(resource=Resource.create({"service.name": name, "service.namespace": "loupe"}))
        self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
        self._tracer = self._provider.get_tracer("loupe")

    def stop(self) -> None:
        """Sends what is left."""
        self._provider.shutdown()

    @contextmanager
    def span(
        self, name: str, kind: Kind, origin: Mapping[str, str] | None, attributes: Attributes = NOTHING
    ) -> Iterator[None]:
        """Times the block."""
        came_from = propagate.extract(origin, context.Context()) if origin is not None else None
        with self._tracer.start_as_current_span(
            name, came_from, SpanKind[kind.upper()], dict(attributes), record_exception=False
        ):
            yield

    def step(self, name: str) -> AbstractContextManager[None]:
        """Times the block if the unit at hand has one item."""
        unit = trace.get_current_span()
        one = isinstance(unit, ReadableSpan) and (unit.attributes or {}).get(ITEMS) == 1
        return self.span(name, "internal", None) if one else nullcontext()

    def note(self, attributes: Attributes, error: str) -> None:
        """Adds attributes to the span at hand, and says that it failed if it did."""
        unit = trace.get_current_span()
        unit.set_attributes(dict(attributes))
        if error:
            unit.set_attribute("error.type", error)
            unit.set_status(Status(StatusCode.ERROR, error))

    def origin(self) -> dict[str, str]:
        """Returns the span at hand as W3C's Trace Context writes it."""
        carrier: dict[str, str] = {}
        propagate.inject(carrier)
        return carrier
