"""Checkpoints: after each epoch everything that the next one depends on, in one file of the job's folder in storage.

Order and augmentation depend on (seed, epoch, picture) alone, so weights, the optimizer's state and the history are all
there is. Two attempts at one training write the same, so it does not matter which of them wrote last.
"""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.jobs.files import folder
from shared.storage import Storage
from shared.zip_files import DAMAGE

log = logging.getLogger(__name__)

Arrays = list[NDArray[Any]]
History = list[dict[str, float]]


@dataclass(frozen=True)
class State:
    """A training at the end of an epoch.

    Attributes:
        following: the epoch to run next; one after the last when all are done.
        patience: of the phase, see `Patience.state`.
        model, optimizer: every variable, random states included.
        best: the model's weights at the end of the best epoch.
    """

    following: int
    history: History
    patience: dict[str, Any]
    model: Arrays
    optimizer: Arrays
    best: Arrays


GROUPS = ("model", "optimizer", "best")
FIELDS = ("following", "history", "patience")


class Checkpoints:
    """The checkpoint of one job.

    Args:
        fingerprint: what the training depends on besides it. A checkpoint of other libraries or parameters is left
            alone, and the training begins anew.
    """

    def __init__(self, storage: Storage, job_id: str, fingerprint: str) -> None:
        self._storage = storage
        self._folder = f"{folder(job_id)}/checkpoint"
        self._path = f"{self._folder}/latest.npz"
        self._fingerprint = fingerprint

    def save(self, state: State) -> None:
        """Writes the checkpoint, whole or not at all; the one before goes.

        Raises:
            StorageUnavailable: the storage does not answer, or is full.
        """
        arrays = {f"{group}-{i}": array for group in GROUPS for i, array in enumerate(getattr(state, group))}
        told = {name: getattr(state, name) for name in FIELDS} | {"fingerprint": self._fingerprint}
        buffer = io.BytesIO()
        np.savez(buffer, told=np.array(json.dumps(told)), **arrays)
        self._storage.write_bytes(self._path, buffer.getvalue())

    def load(self) -> State | None:
        """Returns the last checkpoint, or None if there is none that fits."""
        try:
            data = self._storage.read_bytes(self._path)
        except FileNotFoundError:
            return None
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as stored:
                told = json.loads(str(stored["told"]))
                groups = {group: _numbered(stored, group) for group in GROUPS}
        except (*DAMAGE, KeyError) as error:
            log.warning("the checkpoint cannot be read, the training begins anew: %s", error)
            return None
        if told.pop("fingerprint") != self._fingerprint:
            log.warning("the checkpoint is of other libraries or parameters, the training begins anew")
            return None
        fields: dict[str, Any] = {**told, **groups}
        return State(**fields)

    def delete(self) -> None:
        """Removes it, once it is of no more use."""
        self._storage.delete(self._folder)


def _numbered(stored: Any, group: str) -> Arrays:
    names: Sequence[str] = [name for name in stored.files if name.startswith(f"{group}-")]
    return [stored[f"{group}-{i}"] for i in range(len(names))]
