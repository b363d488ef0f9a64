"""What is kept beside the results of a list while it runs, so that a killed command can go on with the same job."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Self

from loupe.resource import new_key
from loupe.state_file import read_state, write_state

PIECE_BYTES = 1024 * 1024


@dataclass(frozen=True)
class State:
    """A list that was sent, or is about to be.

    Attributes:
        asked: digest of where it is sent, what is in it, and how it is asked.
        key: its Idempotency-Key: sent twice, it is one job.
        job_id: None until the server has answered.
    """

    asked: str
    key: str
    job_id: str | None = None

    @classmethod
    def open(cls, path: Path | None, asked: str) -> Self:
        """Returns what was kept of the same list, else a new state, which is kept."""
        kept = cls._read(path) if path else None
        if kept is not None and kept.asked == asked:
            return kept
        fresh = cls(asked, new_key())
        fresh.keep(path)
        return fresh

    def keep(self, path: Path | None) -> None:
        """Writes it, whole or not at all."""
        if path is not None:
            write_state(path, asdict(self))

    def of_job(self, job_id: str, path: Path | None) -> State:
        """Returns the state with its job, which is kept."""
        found = replace(self, job_id=job_id)
        found.keep(path)
        return found

    @classmethod
    def _read(cls, path: Path) -> Self | None:
        try:
            return cls(**(read_state(path) or {}))
        except TypeError:
            # One that cannot be read is as good as none: the list is sent again.
            return None


def beside(target: Path) -> Path:
    """Returns where the state of a results file is kept."""
    return target.with_name(f"{target.name}.loupe-job")


def digest(url: str, content: Path, options: Mapping[str, Any]) -> str:
    """Returns what tells one list from another: where it goes, what is in it, how it is asked."""
    known = hashlib.sha256(json.dumps([url, dict(options)], sort_keys=True).encode())
    with content.open("rb") as file:
        while piece := file.read(PIECE_BYTES):
            known.update(piece)
    return known.hexdigest()
