"""What stops a start."""

from __future__ import annotations


class LaunchError(Exception):
    """Raised before anything is started. Its text is the one line the user sees."""
