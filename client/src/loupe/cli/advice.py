"""What to do next about an error, where its own words do not say it."""

from __future__ import annotations

from loupe.errors import ApiError, LoupeError

BY_CODE = {
    "connection_failed": "Is Loupe running there? LOUPE_URL says where it is, and `loupe doctor` looks.",
    "dataset_not_found": "`loupe datasets` lists those there are.",
    "idempotency_mismatch": "Run the command again.",
    "internal": "The server's log says more.",
    "job_expired": "`loupe jobs` lists those that are kept.",
    "job_not_found": "`loupe jobs` lists those that are kept.",
    "model_not_found": "`loupe models` lists those there are.",
    "model_required": "Name one with --model.",
    "no_model": "Wait for the first training (`loupe jobs`), or start one with `loupe train`.",
    "no_shadow": "`loupe shadow` lists what is; `loupe shadow start NAME@VERSION` begins.",
    "not_found": "LOUPE_URL is the server's address alone, such as http://127.0.0.1:8000.",
    "queue_full": "Try again later.",
    "redis_unavailable": "`loupe doctor` says what is away.",
    "schedule_not_found": "`loupe schedules` lists those there are.",
    "still_running": "`loupe jobs watch ID` waits for it.",
    "storage_unavailable": "`loupe doctor` says what is away.",
    "upload_not_found": "Run the command again; it begins anew.",
    "version_not_found": "`loupe models NAME` lists those there are.",
}
BY_STATUS = {
    401: "Set LOUPE_API_KEY to a key of this server.",
    403: "Use a key with a larger scope in LOUPE_API_KEY.",
    421: "Use a name that the server's LOUPE_ALLOWED_HOSTS has.",
}


def next_step(error: LoupeError) -> str:
    """Returns what to do next; empty where there is nothing to add."""
    by_status = BY_STATUS.get(error.status, "") if isinstance(error, ApiError) else ""
    return BY_CODE.get(error.code, by_status)


def sentence(error: LoupeError) -> str:
    """Returns an error as one line: what is wrong, its code, and what to do next."""
    said = f"{error.message.rstrip('.')} ({error.code})."
    return f"{said} {next_step(error)}".rstrip()
