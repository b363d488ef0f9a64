"""Logging: one line an event, as text for people or as JSON for collectors, with what the process works on.

What it works on - job, unit, attempt, request - is bound where it becomes known, and stands on every line from there.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Literal

LogFormat = Literal["text", "json"]
Fields = Mapping[str, str | int]

# A child process begins with what its parent worked on, as JSON.
CHILD_FIELDS = "LOUPE_CHILD_LOG_FIELDS"

_fields: ContextVar[Fields] = ContextVar("log_fields", default={})  # noqa: B039 - never changed in place


@contextmanager
def bound(**fields: str | int) -> Iterator[None]:
    """Adds fields to every line that is logged inside the block, in this thread or greenlet."""
    token = _fields.set({**_fields.get(), **fields})
    try:
        yield
    finally:
        _fields.reset(token)


def bind(**fields: str | int) -> None:
    """Has these fields, and no others, on every line that is logged from now on in this thread or greenlet."""
    _fields.set(fields)


def fields() -> Fields:
    """Returns what is on every line just now."""
    return _fields.get()


def child_environment() -> dict[str, str]:
    """Returns the variables by which a child process goes on with the fields of this one."""
    return {CHILD_FIELDS: json.dumps(dict(fields()))}


def setup_logging(role: str, form: LogFormat, level: int = logging.INFO) -> None:
    """Sends this process's log to standard error, each line with the role and what is bound.

    Args:
        form: text for people, or JSON with a line an object.
    """
    bind(**json.loads(os.environ.get(CHILD_FIELDS, "{}")))
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JsonLines(role) if form == "json" else _Text(role))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for chatty in ("celery", "kombu", "urllib3", "absl", "tensorflow", "tf2onnx"):
        logging.getLogger(chatty).setLevel(logging.WARNING)


class _Text(logging.Formatter):
    def __init__(self, role: str) -> None:
        super().__init__(f"%(asctime)s {role} %(levelname)s %(unit)s %(name)s: %(message)s")

    def format(self, record: logging.LogRecord) -> str:
        known = fields()
        record.unit = known.get("unit") or known.get("request") or "-"
        return super().format(record)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the standard library's name
        """Returns the line without a traceback: what somebody sent can begin no other line, and colour none."""
        return _in_one_line(super().formatMessage(record))


def _in_one_line(text: str) -> str:
    return text if text.isprintable() else "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


class _JsonLines(logging.Formatter):
    def __init__(self, role: str) -> None:
        super().__init__()
        self._role = role

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "role": self._role,
            **fields(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line)
