"""Job ids: UUIDv7, so that ids sort by time and an unknown id still tells its age."""

from __future__ import annotations

import uuid

from uuid6 import uuid7


def new_id() -> str:
    """Returns a new UUIDv7 as text; ids made later sort after ids made earlier."""
    return str(uuid7())


def created_ms(job_id: str) -> int | None:
    """Returns the milliseconds since 1970 held in a UUIDv7, or None if `job_id` is not one in its usual spelling."""
    try:
        parsed = uuid.UUID(job_id)
    except ValueError:
        return None
    if parsed.version != 7 or str(parsed) != job_id:
        return None
    return parsed.int >> 80
