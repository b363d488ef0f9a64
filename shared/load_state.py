"""What a worker makes of a version that it holds or wants."""

from __future__ import annotations

from enum import StrEnum


class LoadState(StrEnum):
    """The states, in the words of heartbeats and of the API.

    Attributes:
        UNLOADED: it answers here, and was dropped to make room for others; the next picture loads it again.
    """

    READY = "ready"
    LOADING = "loading"
    FAILED = "failed_to_load"
    UNLOADED = "unloaded"
