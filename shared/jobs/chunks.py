"""A list's chunks in storage: what is to be classified, and what came of it.

An input file holds the items of one or more chunks, one JSON object a line: `{"index": 7, "id": "mine", "url": "…"}`, or
with `filename` and `upload` for a picture that was sent. A URL that comes again in the list has no line of its own: the
first one's line says with `"repeats": 2` for how many later items it stands, and so does its line of results. A unit's
`first` counts lines, and is below the item's index where something was repeated before.
"""

from __future__ import annotations

import json

from shared.items import ItemInput
from shared.jobs.files import results_path
from shared.jobs.model import Claim, Json
from shared.storage import Storage


def read_chunk(storage: Storage, claim: Claim) -> list[ItemInput]:
    """Returns the inputs of a list's chunk, or of the part of it that the unit holds."""
    lines = storage.read_bytes(claim.payload["input"]).splitlines()
    start = claim.first - claim.payload["base"]
    return [ItemInput.of(json.loads(line)) for line in lines[start : start + claim.count]]


def write_chunk(storage: Storage, claim: Claim, outcomes: list[Json]) -> str:
    """Writes a chunk's outcomes and returns where; they count once the unit's outcome names the place."""
    path = results_path(claim.job_id, claim.first, claim.attempt)
    storage.write_bytes(path, b"".join(json.dumps(item).encode("ascii") + b"\n" for item in outcomes))
    return path
