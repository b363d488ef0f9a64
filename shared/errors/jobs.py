"""What stands against what is asked of a job, or of its webhook."""

from __future__ import annotations

from shared.errors.base import LoupeError


class JobNotFound(LoupeError):
    """Raised for any job id that is not known, well-formed or not."""

    code, status, title = "job_not_found", 404, "There is no such job"


class NoImage(LoupeError):
    """Raised when no small picture was kept for an item."""

    code, status, title = "no_image", 404, "No picture is kept for this item"


class NoResults(LoupeError):
    """Raised when a training or an import is asked for classification results."""

    code, status, title = "no_results", 404, "This kind of job has no results"


class JobNotFinished(LoupeError):
    """Raised when an action needs a job that has ended."""

    code, status, title = "job_not_finished", 409, "The job has not ended yet"


class JobFinished(LoupeError):
    """Raised when a job that has ended is asked to stop."""

    code, status, title = "job_finished", 409, "The job has already ended"


class NothingToRetry(LoupeError):
    """Raised when a job is to be retried of which nothing failed."""

    code, status, title = "nothing_to_retry", 409, "Nothing of this job failed"


class WrongKind(LoupeError):
    """Raised when an action is for another kind of job."""

    code, status, title = "wrong_kind", 409, "This is not for a job of this kind"


class NoWebhook(LoupeError):
    """Raised when a job's webhook is to be told again, and the job has none."""

    code, status, title = "no_webhook", 409, "The job has no webhook"


class ResultsDamaged(LoupeError):
    """Raised when a file with a job's results is missing or broken."""

    code, status, title = "results_damaged", 409, "The job's results are damaged"


class JobExpired(LoupeError):
    """Raised when a job's time to live is over."""

    code, status, title = "job_expired", 410, "The job has expired"


class WebhookNotAllowed(LoupeError):
    """Raised when a webhook cannot be told: without LOUPE_WEBHOOK_SECRET none, else by where its URL leads."""

    code, status, title = "webhook_not_allowed", 422, "This webhook cannot be used"


class TooManyItems(LoupeError):
    """Raised when a list is longer than `LOUPE_MAX_ITEMS`."""

    code, status, title = "too_many_items", 422, "The list has too many items"


class ModelRequired(LoupeError):
    """Raised when several models are served and the request names none."""

    code, status, title = "model_required", 422, "Say which model should answer"


class QueueFull(LoupeError):
    """Raised when more items wait than `LOUPE_MAX_QUEUED_ITEMS`."""

    code, status, title, transient = "queue_full", 429, "Too much work is waiting", True
