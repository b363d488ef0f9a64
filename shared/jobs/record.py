"""A job's record as Redis has it: what is written of a new job, and the job that is read from it."""

from __future__ import annotations

import json
from collections.abc import Sequence

from shared.jobs.model import FINAL, Job, Json, Kind, NewJob, Status
from shared.jobs.origin import origin
from shared.jobs.webhooks import receiver


def fields_of(new: NewJob) -> Json:
    """Returns what `create.lua` takes of a new job."""
    fields: Json = {
        "id": new.id,
        "kind": new.kind,
        "queue": new.queue,
        "single": new.single,
        "total": new.total,
        "spec": json.dumps(new.spec),
        "units": [
            {"payload": json.dumps(unit.payload), "first": unit.first, "count": unit.count} for unit in new.units
        ],
    }
    if new.max_failure_rate is not None:
        # As text: Lua would cut its digits.
        fields["max_failure_rate"] = repr(new.max_failure_rate)
    if new.owner is not None:
        fields["owner"] = new.owner
    came_from = origin()
    if came_from:
        fields["origin"] = json.dumps(came_from)
    if new.spec.get("webhook"):
        fields["webhook"] = receiver(new.spec["webhook"])
    return fields


def just_created(new: NewJob, now: float) -> Job:
    """Returns a job as it is when it was created at `now`, in seconds since 1970."""
    return Job(
        id=new.id,
        kind=new.kind,
        single=new.single,
        status=Status.QUEUED,
        created_at=now,
        started_at=None,
        finished_at=None,
        attempt=1,
        progress={"done": 0, "failed": 0, "total": new.total},
        result=None,
        error=None,
        spec=new.spec,
        owner=new.owner,
    )


def page_of(told: str) -> tuple[str | None, list[Job]]:
    """Returns what `page.lua` read: the last id if more follow, and the jobs."""
    following, found = json.loads(told)
    return following, [_job_of(read) for read in found]


def job_of(told: str) -> Job:
    """Returns the job that a script read, or that a message tells of, see `job_text` in `lua/lib.lua`."""
    return _job_of(json.loads(told))


def _job_of(read: Json) -> Job:
    kind, status = Kind(read["kind"]), Status(read["status"])
    progress = {name: read[name] for name in ("done", "failed", "total")} | (read["progress"] or {})
    result = read["result"]
    if result is None and status in FINAL and kind is Kind.CLASSIFICATION and not read["single"]:
        result = _list_result(progress, _hash(read["counts"]), read["spec"])
    return Job(
        id=read["id"],
        kind=kind,
        single=read["single"],
        status=status,
        created_at=read["created_at"] / 1000,
        started_at=_seconds(read["started_at"]),
        finished_at=_seconds(read["finished_at"]),
        attempt=read["attempt"],
        progress=progress,
        result=result,
        error=read["error"],
        spec=read["spec"],
        tries=tuple(read["tries"]),
        owner=read["owner"],
    )


def _list_result(progress: Json, counts: dict[str, str], spec: Json) -> Json:
    return {
        "items": progress["total"],
        "succeeded": progress["done"] - progress["failed"],
        "failed": progress["failed"],
        "labels": {name[2:]: int(n) for name, n in sorted(counts.items()) if name.startswith("l:")},
        "errors": {name[2:]: int(n) for name, n in sorted(counts.items()) if name.startswith("e:")},
        "below_threshold": int(counts.get("below_threshold", 0)),
        "model": spec.get("model"),
    }


def _hash(flat: Sequence[str]) -> dict[str, str]:
    # Lua's empty table is an object in JSON.
    return dict(zip(flat[::2], flat[1::2], strict=True)) if flat else {}


def _seconds(milliseconds: int | None) -> float | None:
    return milliseconds / 1000 if milliseconds else None
