"""The workers of `tests.support.poisoned`: a picture that ends with a poison's name does to them what it says."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from collections.abc import Callable
from typing import Any

from celery import Celery
from numpy.typing import NDArray

from shared import consuming
from shared.imaging import decode
from shared.jobs import lease, units
from shared.settings import load_settings
from tests.support.engines import brightness
from worker import decoder, memory, pipeline, process
from worker.tasks import make_worker

LEASE_S = 4.0
PATIENCE_S = 5
MIB = 1024 * 1024
# Reached before the poison holds 4 GiB, which the machine of the test may not have.
MEMORY_LIMIT = 700 * MIB


def grow() -> None:
    """Takes 4 GiB."""
    held = []
    for _ in range(256):
        held.append(bytearray(b"x") * (16 * MIB))
        time.sleep(0.01)


POISONS: dict[bytes, Callable[[], object]] = {
    b"poison: is killed": lambda: os.kill(os.getpid(), signal.SIGKILL),
    b"poison: exits": lambda: os._exit(3),
    b"poison: segfaults": lambda: ctypes.string_at(0),
    b"poison: takes 4 GB": grow,
    b"poison: never ends": lambda: time.sleep(10**6),
}


def decode_or_die(data: bytes, **options: Any) -> NDArray[Any]:
    """Decodes a picture that is not poisoned."""
    for mark, poison in POISONS.items():
        if data.endswith(mark):
            poison()
    return decode(data, **options)


def make_poisoned() -> Celery:
    """Returns the workers' app. Leases and the patience with what never ends are short, and the toy model answers."""
    for module, name, value in (
        (units, "LEASE_S", LEASE_S),
        (lease, "LEASE_S", LEASE_S),
        (pipeline, "LONGEST_S", PATIENCE_S),
        (consuming, "PATIENCE_S", PATIENCE_S),
        (memory, "OTHERS", MEMORY_LIMIT - load_settings().model_memory_mb * MIB),
        (decoder, "decode", decode_or_die),
        (process, "choose_engine", lambda setting, manifest: brightness(manifest)),
    ):
        setattr(module, name, value)
    # Stops Celery's consumer; its process lives on, and says so.
    signal.signal(signal.SIGUSR2, lambda *_: time.sleep(10**6))
    return make_worker()


app = make_poisoned()
