"""`python -m shared.alive ROLE`: the health check of a container, from the heartbeats that its process sends.

A container's host name is its own, so a heartbeat of the role from this host is that of this container's process.
"""

from __future__ import annotations

import argparse
import socket
import sys
from collections.abc import Sequence
from typing import Any

from redis import Redis
from redis.exceptions import RedisError

from shared.heartbeat import HEARTBEATS, PROCESSES
from shared.redis_client import connect
from shared.settings import SettingsError, load_settings

ROLES = ("api", "single", "list", "trainer", "scheduler")
# The check as a whole has 15 s (Dockerfile.worker), most of which its imports may need on a busy machine.
REDIS_TIMEOUT_S = 2.0


def main(argv: Sequence[str]) -> int:
    """Returns 0 if a process of the role lives on this host, else 1, with the reason on standard error."""
    parser = argparse.ArgumentParser(prog="shared.alive", description="Says whether a process of Loupe lives here.")
    parser.add_argument("role", choices=ROLES)
    role = parser.parse_args(argv).role
    try:
        lives = alive(connect(load_settings(), timeout_s=REDIS_TIMEOUT_S), role, socket.gethostname())
    except (SettingsError, RedisError) as error:
        sys.stderr.write(f"Expected Redis with this host's heartbeats, received: {error}\n")
        return 1
    if not lives:
        sys.stderr.write(f"Expected a heartbeat of the role {role} from this host, received none of late\n")
    return 0 if lives else 1


def alive(redis: Redis, role: str, host: str) -> bool:
    """Tells whether Redis holds a heartbeat, which expires by itself, of a role on a host."""
    client: Any = redis
    here = [name for name in client.smembers(PROCESSES) if name.startswith(f"{role}@{host}:")]
    return bool(here) and client.exists(*[HEARTBEATS + name for name in here]) > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
