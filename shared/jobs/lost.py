"""How work ends that nobody could finish: it crashed its worker three times, or raised what nobody foresaw."""

from __future__ import annotations

import logging

from shared import errors, items
from shared.items import ItemInput
from shared.jobs.chunks import read_chunk, write_chunk
from shared.jobs.model import Claim, Kind, Outcome, Status
from shared.storage import Storage

log = logging.getLogger(__name__)


def lost_outcome(storage: Storage, claim: Claim) -> Outcome:
    """Returns the end of a unit whose last attempt was lost."""
    return _outcome(storage, claim, errors.WorkerLost("The worker died three times while working on this."))


def crashed_outcome(storage: Storage, claim: Claim) -> Outcome:
    """Returns the end of a unit whose work raised something unforeseen."""
    return _outcome(storage, claim, errors.Internal("Something went wrong in Loupe; the worker's log says what."))


def _outcome(storage: Storage, claim: Claim, error: errors.ItemError) -> Outcome:
    if claim.kind is not Kind.CLASSIFICATION:
        failure = {"code": error.code, "message": error.message}
        return Outcome(done=0, status=Status.FAILED, error=failure)
    model = claim.spec["model"]
    if "item" in claim.payload:
        return items.single_outcome(items.failed(ItemInput.of(claim.payload["item"]), error, model=model))
    try:
        failed = [items.failed(item, error, model=model) for item in read_chunk(storage, claim)]
    except (FileNotFoundError, ValueError):
        # What was asked for is gone or damaged. Its lines count as items all the same, and the job ends; how often
        # a URL came again stood in them.
        log.exception("the input of unit %s cannot be read", claim.unit_id)
        return Outcome(done=claim.count, failed=claim.count, errors={error.code: claim.count})
    return items.chunk_outcome(failed, write_chunk(storage, claim, failed))
