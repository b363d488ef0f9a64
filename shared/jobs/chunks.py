"""A list's chunks in storage: what is to be classified, and what came of it.

An input file holds the items of one or more chunks, one JSON object a line: `{"index": 7, "id": "mine", "url": "…"}`,
or with `filename` and `upload` for a picture that was sent. A URL that comes again in the list has no line of its own:
the first one's line says with `"repeats": 2` for how many later items it stands, and so does its line of results. A
unit's `first` counts lines, and is below the item's index where something was repeated before.
"""

from __future__ import annotations

import json

from shared.items import ItemInput
from shared.jobs.files import results_path
from shared.jobs.model import Claim, Json
from shared.storage import Storage

# A chunk is what one worker does at a time: large enough that sending it costs little, and of a short list small enough
# that its progress can be seen and its cancel is soon.
CHUNK_LINES = 64
LEAST_CHUNK_LINES = 8
CHUNKS_OF_A_SHORT_LIST = 8


def chunk_lines(lines: int) -> int:
    """Returns how many lines of a list of so many make a chunk."""
    return min(CHUNK_LINES, max(LEAST_CHUNK_LINES, lines // CHUNKS_OF_A_SHORT_LIST))


def read_chunk(storage: Storage, claim: Claim) -> list[ItemInput]:
    """Returns the inputs of a list's chunk, or of the part of it that the unit holds."""
    data = storage.read_bytes(claim.payload["input"])
    return inputs(data, claim.first - claim.payload["base"], claim.count)


def inputs(data: bytes, start: int, count: int) -> list[ItemInput]:
    """Returns so many inputs of an input file from its line `start` on."""
    return [ItemInput.of(json.loads(line)) for line in data.splitlines()[start : start + count]]


def input_of(data: bytes, index: int) -> ItemInput:
    """Returns the input of one item. The others are not parsed.

    Raises:
        LookupError: the input file has no line for it.
    """
    line = _line_of(data, index)
    if line is None:
        raise LookupError(f"no input of item {index}")
    return ItemInput.of(json.loads(line))


def write_chunk(storage: Storage, claim: Claim, outcomes: list[Json]) -> str:
    """Writes a chunk's outcomes and returns where; they count once the unit's outcome names the place."""
    path = results_path(claim.job_id, claim.first, claim.attempt)
    storage.write_bytes(path, b"".join(json.dumps(item).encode("ascii") + b"\n" for item in outcomes))
    return path


def outcomes(data: bytes) -> list[Json]:
    """Returns the items of a results file as clients see them."""
    return [_seen(line) for line in data.splitlines()]


def outcome_of(data: bytes, index: int) -> Json | None:
    """Returns one item of a results file; None if it has no outcome there. The others are not parsed."""
    line = _line_of(data, index)
    return _seen(line) if line is not None else None


def _line_of(data: bytes, index: int) -> bytes | None:
    """Returns the line of an item, which begins with its index in both kinds of files. A pattern would be slower."""
    begin = b'{"index": %d,' % index
    start = 0 if data.startswith(begin) else data.find(b"\n" + begin) + 1
    return data[start:].split(b"\n", 1)[0] if data.startswith(begin, start) else None


def _seen(line: bytes) -> Json:
    item: Json = json.loads(line)
    item.pop("repeats", None)
    return item
