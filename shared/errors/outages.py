"""What Loupe itself needs and does not have."""

from __future__ import annotations

from shared.errors.base import LoupeError


class RedisUnavailable(LoupeError):
    """Raised when Redis does not answer in time."""

    code, status, title, transient = "redis_unavailable", 503, "Redis does not answer", True


class Overloaded(LoupeError):
    """Raised when a request has waited long for others that came before it, and nothing of it was begun."""

    code, status, title, transient = "overloaded", 503, "Too many requests came at once", True


class StorageUnavailable(LoupeError):
    """Raised when the storage cannot be read or written."""

    code, status, title, transient = "storage_unavailable", 503, "The storage does not answer", True


class StorageFull(StorageUnavailable):
    """Raised when there is no room left for what is to be written. Unlike an outage it does not end by itself."""

    code, title = "storage_full", "The storage is full"
