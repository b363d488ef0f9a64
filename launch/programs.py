"""The programs `make run` keeps alive, as data."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import Literal

from launch.redis_server import find_redis_server, redis_command
from shared.redis_url import socket_path
from shared.settings import Settings

LIST_NICENESS = 10
# A process of Python threads keeps little more than one core busy; each holds its own models and connections.
MOST_LIST_WORKERS = 4


@dataclass(frozen=True)
class Program:
    """One program: its command, the group it stops with, and how long it may take to stop, in seconds.

    The group `loupe` stops first; when all of it is gone, `redis` does.
    """

    name: str
    command: tuple[str, ...]
    group: Literal["loupe", "redis"] = "loupe"
    nice: int = 0
    stop_wait_s: int = 8


def programs(settings: Settings) -> list[Program]:
    """Returns all programs; the embedded Redis only when no other is set."""
    loupe = [
        Program("api", (sys.executable, "-m", "gunicorn", "-c", "api/gunicorn_conf.py", "api.wsgi:app")),
        # It only brings units; the process has threads of its own for them, and holds the model once.
        Program("single", celery("worker.app", "single", "classify", "-P", "threads", "-c", "1")),
        *list_workers(settings.list_workers or min(os.cpu_count() or 1, MOST_LIST_WORKERS)),
        Program("trainer", celery("trainer.app", "trainer", "train", "-P", "solo")),
        Program("scheduler", (sys.executable, "-m", "scheduler")),
    ]
    return loupe if settings.redis_url else [redis_program(settings), *loupe]


def list_workers(count: int) -> list[Program]:
    """Returns the workers for lists, which share the chunks of each list."""
    nodes = {"list": "%h"} | {f"list-{number}": f"{number}.%h" for number in range(2, count + 1)}
    return [
        Program(name, celery("worker.app", "list", "batch", "-P", "threads", "-c", "2", node=node), nice=LIST_NICENESS)
        for name, node in nodes.items()
    ]


def redis_program(settings: Settings) -> Program:
    """Returns the embedded Redis on the data folder's files."""
    command = redis_command(find_redis_server(), settings.data_dir / "redis", socket_path(settings))
    return Program("redis", tuple(command), group="redis", stop_wait_s=3)


def celery(app: str, role: str, queue: str, *options: str, node: str = "%h") -> tuple[str, ...]:
    """Returns the command of a Celery worker on one queue.

    Args:
        node: tells workers of one role apart; Celery puts the host's name for `%h`.

    Workers do not talk to each other: Loupe's own heartbeats in Redis say who lives, and its leases who works.
    """
    quiet = ("--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING")
    command = (sys.executable, "-m", "celery", "-A", app, "--quiet", "worker")
    return (*command, "-n", f"{role}@{node}", "-Q", queue, *options, *quiet)
