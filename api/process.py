"""What an API process does besides answering: it says that it lives and how much it answered, and stays small."""

from __future__ import annotations

import ctypes
import gc
import os
import resource
import socket
import sys

from flask import Flask

from api.services import EXTENSION, Services
from shared.heartbeat import Heartbeat
from shared.redis_client import connect

# From <malloc.h>.
M_TRIM_THRESHOLD = -1
TRIM_THRESHOLD_BYTES = 128 * 1024

# How many more objects there are than at the last look when the collector looks at those that came since.
YOUNG_OBJECTS = 5000

ROLE = "api"
HEARTBEAT_TIMEOUT_S = 2.0
# Of all processes together.
MOST_CONNECTIONS = 4000
# Each connection of a process may need a second one, to Redis. macOS allows 10,240.
MOST_FILES = 8192


def process_id() -> str:
    """Returns this process's id, as its heartbeat has it."""
    return f"{ROLE}@{socket.gethostname()}:{os.getpid()}"


def start_background(app: Flask) -> None:
    """Starts the heartbeat and the listener for jobs' ends; once a process, after the fork."""
    services: Services = app.extensions[EXTENSION]
    services.events.start()
    redis = connect(services.settings, timeout_s=HEARTBEAT_TIMEOUT_S)
    Heartbeat(redis, ROLE, lambda: ("answers", [])).start()


def processes_for(cores: int | None) -> int:
    """Returns how many API processes a machine gets; `--workers` in GUNICORN_CMD_ARGS asks for another number.

    A second one is there for cores that others leave. On two it makes each round of the event loop, and each round trip
    to Redis, serve half as many requests.
    """
    return 2 if cores and cores > 2 else 1


def allow_open_files() -> None:
    """Raises this process's soft limit of open files, which many systems leave at 1,024, as far as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # "No limit" is a negative number here.
    wanted = min(hard, MOST_FILES) if hard >= 0 else MOST_FILES
    if 0 <= soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def collect_less_often() -> None:
    """Has Python's garbage collector look less often at what came lately, which are the requests under way.

    A request leaves eight small objects that only the collector frees, of Werkzeug's matcher. With Python's own 700 it
    looked, at 64 clients, at all of them for each dozen of requests: a twentieth of an API process's time.
    """
    gc.set_threshold(YOUNG_OBJECTS, *gc.get_threshold()[1:])


def return_freed_memory() -> None:
    """Has the C library give back what is freed, now and in the future.

    Left alone, glibc keeps ever larger blocks once one was freed: a list of 100,000 items took an API process from 62
    to 70 MB and left it at 66; like this it takes it to 67 and leaves it at 64.
    """
    if sys.platform == "linux":
        # Other C libraries have no such function.
        mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
        if mallopt is not None:
            mallopt(M_TRIM_THRESHOLD, TRIM_THRESHOLD_BYTES)
