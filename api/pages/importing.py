"""An import as pages show it: how far it is and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.dataset_views import version_path
from api.pages import words
from api.pages.format import number
from api.pages.progress import Progress, progress_of
from api.pages.waiting import why_waiting
from shared.jobs.model import Job, Json, Status

HEADINGS = {
    Status.QUEUED: "Waiting",
    Status.CANCELING: "Stopping",
    Status.SUCCEEDED: "Done",
    Status.FAILED: "Failed",
    Status.CANCELED: "Canceled",
}


@dataclass(frozen=True)
class Import:
    """What a page says about an import.

    Attributes:
        source: where the pictures come from, in a few words.
        found: what came of it, in a sentence; empty until it has ended well.
        href: the report's page; empty until there is one.
        refused_href: the list of refused files; empty where there are none.
        facts: (number, words) of the report.
    """

    job: Job
    name: str
    source: str
    heading: str
    pace: str
    why: str
    spoken: str
    progress: Progress
    found: str
    href: str
    refused_href: str
    facts: Sequence[tuple[str, str]]
    trouble: words.Trouble | None
    can_cancel: bool


def import_of(job: Job, now: float) -> Import:
    """Returns an import in words and numbers."""
    progress = progress_of(job, now)
    name = str(job.spec.get("name") or "a dataset")
    dataset = (job.result or {}).get("dataset") or {}
    heading = HEADINGS.get(job.status) or _working(job, progress)
    return Import(
        job=job,
        name=name,
        source=_source(job.spec),
        heading=heading,
        pace=_pace(progress),
        why=why_waiting(job),
        spoken=f"The import has {job.status.value}." if job.status.final else f"{heading}: {progress.spoken} percent.",
        progress=progress,
        found=_found(job.result or {}),
        href=f"/datasets/{dataset['name']}?version={dataset['version']}" if dataset else "",
        refused_href=_refused_href(dataset, (job.result or {}).get("report") or {}),
        facts=_facts((job.result or {}).get("report") or {}),
        trouble=words.of_outcome(job.error) if job.error else None,
        can_cancel=job.status.can_be_canceled,
    )


def _refused_href(dataset: Json, report: Json) -> str:
    if not report.get("refused_count"):
        return ""
    return f"{version_path(dataset['name'], dataset['version'])}/refused.csv"


def _source(spec: Json) -> str:
    if spec.get("corrected_from"):
        return f"its version {spec['corrected_from']}, with corrections"
    return source_words(spec.get("source") or {})


def source_words(source: Json) -> str:
    """Returns where pictures come from, in a few words."""
    type_ = source.get("type")
    if type_ == "generated":
        return f"drawn {source.get('name', '')}"
    if type_ == "archive":
        return f"the archive {source.get('filename') or 'that was uploaded'}"
    if type_ == "upload":
        return "a folder that was uploaded"
    return f"{source.get('path') or source.get('images') or 'an unknown source'} ({type_})"


def _working(job: Job, progress: Progress) -> str:
    if job.progress.get("phase") == "writing":
        return "Writing the version"
    return "Reading pictures" if progress.total else "Looking for pictures"


def _pace(progress: Progress) -> str:
    if not progress.done:
        return ""
    of = f" of {number(progress.total)}" if progress.total else ""
    done = f"{number(progress.done)}{of} pictures"
    return " · ".join(filter(None, (done, progress.rate_words, progress.left_words)))


def _found(result: Json) -> str:
    dataset = result.get("dataset")
    if not dataset:
        return ""
    if not result.get("created", True):
        return "Nothing has changed since the last import: the version is the same, and nothing was written."
    return f"{dataset['name']} has a new version, {dataset['version']}."


def _facts(report: Json) -> list[tuple[str, str]]:
    if not report:
        return []
    changes = [
        (number(report.get("added", 0)), "new since the version before"),
        (number(report.get("removed", 0)), "gone since then"),
    ]
    return [
        (number(report.get("total", 0)), "pictures"),
        *(changes if report.get("previous") else ()),
        (number(len(report.get("classes", ()))), "classes"),
        (number(report.get("test", 0)), "kept for testing"),
        (number(report.get("refused_count", 0)), "refused"),
        (number(report.get("duplicates", 0)), "duplicates"),
        *([(number(report["relabelled"]), "given another class")] if report.get("relabelled") else ()),
        *([(number(report["excluded"]), "left out as you said")] if report.get("excluded") else ()),
    ]
