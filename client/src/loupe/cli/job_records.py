"""Jobs as commands show them, and what their ends are in words."""

from __future__ import annotations

from loupe.cli.output import Record, percent
from loupe.types import Job, Json

COLUMNS = ("id", "kind", "status", "done", "failed", "total", "created")
MOST_NAMED = 5


def record(job: Job) -> Record:
    """Returns a job as a line."""
    counts = (str(job.done), str(job.failed), str(job.total))
    return Record(job.id, job.raw, (job.id, job.kind, job.status, *counts, job.created_at))


def end_words(job: Job) -> str:
    """Returns what became of a job, in a sentence."""
    if job.error is not None:
        return f"Job {job.id} {job.status}: {job.error.message.rstrip('.')} ({job.error.code})."
    if job.status != "succeeded":
        return f"Job {job.id} was {job.status} after {job.done} of {job.total}."
    if job.kind == "classification":
        return f"Job {job.id} succeeded: {job.done - job.failed:,} classified, {job.failed:,} failed."
    return f"Job {job.id} succeeded{_result(job)}."


def _result(job: Job) -> str:
    result = job.result or {}
    if "model" in result:
        model, accuracy = result["model"], (result.get("metrics") or {}).get("test", {}).get("accuracy")
        measured = f" with a test accuracy of {percent(accuracy)}" if isinstance(accuracy, float) else ""
        return f": {model['name']}@{model['version']}{measured}. {result.get('reason') or ''}".rstrip(" .")
    if "dataset" in result:
        dataset = result["dataset"]
        known = "" if result.get("created") else ", which was there already"
        return f": {dataset['name']}@{dataset['version']}{known}{_refused(result.get('report') or {})}"
    return ""


def _refused(report: Json) -> str:
    """Returns which files an import has left out, and why; the first of them by name."""
    count = report.get("refused_count") or 0
    if not count:
        return ""
    codes = ", ".join(f"{code} {number:,}" for code, number in report["refused_codes"].items())
    named = [str(one["file"]) for one in report["refused"][:MOST_NAMED]]
    more = f" and {count - len(named):,} more" if count > len(named) else ""
    return f". Refused: {count:,} ({codes}): {', '.join(named)}{more}; --json has the reason of each"
