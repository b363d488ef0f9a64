"""What stops a start."""

from __future__ import annotations


class LaunchError(Exception):
    """Raised before anything is started. Its text is the one line the user sees; `exit_code` is what `make run` ends with."""

    def __init__(self, message: str, exit_code: int = 1) -> None:
        super().__init__(message)
        self.exit_code = exit_code
