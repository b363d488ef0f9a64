"""The Lua scripts: each runs atomically in Redis, so that no crash leaves half a change."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from redis import Redis

FOLDER = Path(__file__).parent / "lua"


class Scripts:
    """All scripts of a connection. Each takes and gives plain strings, numbers and lists."""

    def __init__(self, redis: Redis) -> None:
        library = (FOLDER / "lib.lua").read_text("utf-8")
        self._scripts = {
            path.stem: redis.register_script(library + path.read_text("utf-8"))
            for path in FOLDER.glob("*.lua")
            if path.stem != "lib"
        }

    def run(self, name: str, *args: str | float, keys: Sequence[str] = ()) -> Any:
        """Runs a script and returns what Redis answers."""
        return self._scripts[name](keys=list(keys), args=list(args))
