"""Where the repeated URLs of a list belong: the workers see each URL once, the results show every item.

Files of a few thousand lines `[index, first's index, first's line, id]` in the order of the list. A file's name says
how many repeats come before it and the index of its first, so that a page deep in a long list is found without reading
the files before it.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from shared.jobs.files import repeats_folder, repeats_path
from shared.storage import Storage

FILE_LINES = 4096


@dataclass(frozen=True)
class Repeat:
    """An item whose URL came before in the list.

    Attributes:
        index: its own place in the list.
        of_index: the place of the first item with that URL.
        of_line: the number of that item's line in the job's input.
        id: the caller's own.
    """

    index: int
    of_index: int
    of_line: int
    id: str | None


def write_repeats(storage: Storage, job_id: str, lines: Iterable[bytes]) -> None:
    """Writes the lines of a list's repeats."""
    rest = iter(lines)
    before = 0
    while batch := list(islice(rest, FILE_LINES)):
        storage.write_bytes(repeats_path(job_id, before, json.loads(batch[0])[0]), b"".join(batch))
        before += len(batch)


def read_repeats(storage: Storage, job_id: str, start: int) -> tuple[int, Iterator[Repeat]]:
    """Returns how many repeats come before index `start`, and those from there on."""
    names = storage.names(repeats_folder(job_id))
    firsts = [int(name.partition(".")[0].partition("-")[2]) for name in names]
    at = max(0, bisect_right(firsts, start) - 1)
    if not names:
        return 0, iter(())
    here = [repeat for repeat in _read(storage, job_id, names[at]) if repeat.index < start]
    before = int(names[at].partition("-")[0]) + len(here)
    return before, _from(storage, job_id, names[at:], start)


def first_of(storage: Storage, job_id: str, index: int) -> int:
    """Returns the place of the first item with the URL of the item at `index`, which is its own if none came before."""
    repeat = next(read_repeats(storage, job_id, index)[1], None)
    return repeat.of_index if repeat and repeat.index == index else index


def _from(storage: Storage, job_id: str, names: list[str], start: int) -> Iterator[Repeat]:
    for name in names:
        yield from (repeat for repeat in _read(storage, job_id, name) if repeat.index >= start)


def _read(storage: Storage, job_id: str, name: str) -> Iterator[Repeat]:
    for line in storage.read_bytes(f"{repeats_folder(job_id)}/{name}").splitlines():
        yield Repeat(*json.loads(line))
