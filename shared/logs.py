"""Logging: one line an event, with the process's role and the unit it works on."""

from __future__ import annotations

import logging
import sys
from contextvars import ContextVar

unit_id: ContextVar[str] = ContextVar("unit_id", default="-")


class _Unit(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.unit = unit_id.get()
        return True


def setup_logging(role: str, level: int = logging.INFO) -> None:
    """Sends this process's log to standard error, each line with the role and the unit at work."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_Unit())
    handler.setFormatter(logging.Formatter(f"%(asctime)s {role} %(levelname)s %(unit)s %(name)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for chatty in ("celery", "kombu", "urllib3", "absl", "tensorflow"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
