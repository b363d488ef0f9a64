"""The compose file's containers under test, on a real engine."""

from __future__ import annotations

import json
import os
import subprocess
import time
import uuid
from pathlib import Path
from typing import Self

import requests

from tests.support.launched import free_port

ROOT = Path(__file__).parents[2]


def answers(*line: str, timeout_s: float = 20) -> bool:
    """Tells whether a command exists and succeeds."""
    try:
        return subprocess.run(line, capture_output=True, timeout=timeout_s, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


class Stack:
    """The compose file's containers under a name and a port of their own, as a context manager."""

    def __init__(self) -> None:
        self.name = f"loupe-test-{uuid.uuid4().hex[:8]}"
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._environment = os.environ | {"LOUPE_PORT": str(self.port)}

    def __enter__(self) -> Self:
        try:
            self.compose("up", "--build", "--detach", "--quiet-pull", timeout_s=1000)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.compose("down", "--volumes", "--remove-orphans", timeout_s=120)

    def compose(self, *arguments: str, timeout_s: float = 60) -> str:
        """Runs `docker compose` on this stack and returns what it prints."""
        line = ["docker", "compose", "--project-name", self.name, *arguments]
        run = subprocess.run(
            line, cwd=ROOT, env=self._environment, capture_output=True, text=True, timeout=timeout_s, check=False
        )
        assert run.returncode == 0, f"{' '.join(line)}:\n{run.stdout[-2000:]}\n{run.stderr[-5000:]}"
        return run.stdout

    def health(self) -> dict[str, str]:
        """Returns the state of health of each service's container."""
        lines = self.compose("ps", "--all", "--format", "json").splitlines()
        return {state["Service"]: state["Health"] or state["State"] for state in map(json.loads, lines)}

    def wait_ready(self, timeout_s: float) -> None:
        """Returns once `/readyz` answers 200, which takes the first training."""
        deadline = time.monotonic() + timeout_s
        answer = "no answer"
        while time.monotonic() < deadline:
            try:
                response = requests.get(f"{self.url}/readyz", timeout=5)
            except requests.RequestException:
                response = None
            if response is not None and response.status_code == 200:
                return
            answer = response.text if response is not None else answer
            time.sleep(0.5)
        raise AssertionError(f"not ready within {timeout_s} s: {answer}\n{self.compose('logs', '--tail', '40')}")
