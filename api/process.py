"""What an API process does besides answering: it tells the others that it lives, and how much it answered."""

from __future__ import annotations

import os
import socket

from flask import Flask

from api.services import EXTENSION, Services
from shared.heartbeat import Heartbeat
from shared.redis_client import connect

ROLE = "api"
HEARTBEAT_TIMEOUT_S = 2.0


def process_id() -> str:
    """Returns this process's id, as its heartbeat has it."""
    return f"{ROLE}@{socket.gethostname()}:{os.getpid()}"


def start_background(app: Flask) -> None:
    """Starts the heartbeat and the listener for jobs' ends; once a process, after the fork."""
    services: Services = app.extensions[EXTENSION]
    services.events.start()
    redis = connect(services.settings, timeout_s=HEARTBEAT_TIMEOUT_S)
    Heartbeat(redis, ROLE, lambda: ("answers", [])).start()
