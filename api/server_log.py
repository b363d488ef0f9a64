"""Gunicorn's own lines."""

from __future__ import annotations

from typing import Any

from gunicorn.glogging import Logger


class ServerLog(Logger):  # type: ignore[misc] # gunicorn has no types
    """Sends them the way of all others.

    By `logconfig_dict`, gunicorn would put a line together for each request too, which was 5 % of the API's work, and
    write it nowhere.
    """

    def setup(self, cfg: Any) -> None:
        """Takes gunicorn's own handlers away."""
        super().setup(cfg)
        self.error_log.handlers.clear()
        self.error_log.propagate = True
