"""What people said of single pictures of a dataset: that they are of another class, or are to be left out.

A correction belongs to the dataset and not to one of its versions, which never change: every version that is made from
now on has it. Each lies in a file of its own, named by the picture's content, so that two people never overwrite each
other's, and taking one back is deleting its file.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable

from pydantic import AwareDatetime, ValidationError

from shared.datasets.layout import dataset_path
from shared.registry.record import Record
from shared.storage import Storage

log = logging.getLogger(__name__)

FOLDER = "corrections"
HASH_PATTERN = r"[0-9a-f]{64}"


class Correction(Record):
    """One picture's.

    Attributes:
        sha256: of its content, as in the dataset's index.
        file: what it was called when it was corrected, for people.
        was: its class until then.
        label: its class from now on; None leaves it out.
    """

    sha256: str
    file: str
    was: str
    label: str | None
    at: AwareDatetime


class Corrections:
    """The corrections of one dataset.

    Raises:
        DatasetNotFound: no dataset can have that name.
    """

    def __init__(self, storage: Storage, name: str) -> None:
        self._storage = storage
        self._folder = f"{dataset_path(name)}/{FOLDER}"

    def hashes(self) -> set[str]:
        """Returns which pictures are corrected."""
        stems = (file.removesuffix(".json") for file in self._storage.names(self._folder))
        return {stem for stem in stems if re.fullmatch(HASH_PATTERN, stem)}

    def get(self, sha256: str) -> Correction | None:
        """Returns a picture's correction, None if it has none. What cannot be read is none; the log tells of it."""
        try:
            return Correction.model_validate_json(self._storage.read_bytes(self._path(sha256)))
        except FileNotFoundError:
            return None
        except ValidationError as error:
            log.warning("a correction is left out: %s: %s", self._path(sha256), error)
            return None

    def all(self, reading: Callable[[], None] = lambda: None) -> list[Correction]:
        """Returns all of them, the newest first.

        Args:
            reading: called before each file is read.
        """
        found = []
        for sha256 in sorted(self.hashes()):
            reading()
            if one := self.get(sha256):
                found.append(one)
        return sorted(found, key=lambda one: one.at, reverse=True)

    def put(self, correction: Correction) -> None:
        """Keeps a correction; an earlier one of the same picture gives way, but for what the picture was at first."""
        earlier = self.get(correction.sha256)
        kept = correction.model_copy(update={"was": earlier.was}) if earlier else correction
        if kept.label == kept.was:
            self.take_back(kept.sha256)
        else:
            self._storage.write_bytes(self._path(kept.sha256), kept.model_dump_json().encode())

    def take_back(self, sha256: str) -> None:
        """Forgets a picture's correction; that it has none is fine."""
        self._storage.delete(self._path(sha256))

    def _path(self, sha256: str) -> str:
        if not re.fullmatch(HASH_PATTERN, sha256):
            raise ValueError(f"sha256: expected 64 hex digits, received {sha256[:100]!r}")
        return f"{self._folder}/{sha256}.json"
