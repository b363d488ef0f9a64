"""The compose file's containers under test, on a real engine."""

from __future__ import annotations

import json
import os
import subprocess
import time
import uuid
from pathlib import Path
from typing import Any, Self

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
        run = self._run(*arguments, timeout_s=timeout_s)
        assert run.returncode == 0, f"{arguments}:\n{run.stdout[-2000:]}\n{run.stderr[-5000:]}"
        return run.stdout

    def _run(self, *arguments: str, timeout_s: float = 60) -> subprocess.CompletedProcess[str]:
        line = ["docker", "compose", "--project-name", self.name, *arguments]
        return subprocess.run(
            line, cwd=ROOT, env=self._environment, capture_output=True, text=True, timeout=timeout_s, check=False
        )

    def health(self) -> dict[str, str]:
        """Returns the state of health of each service's container."""
        lines = self.compose("ps", "--all", "--format", "json").splitlines()
        return {state["Service"]: state["Health"] or state["State"] for state in map(json.loads, lines)}

    def kill(self, service: str) -> None:
        """Has a container die of a crash, after which the engine starts it again, and returns once it has."""
        was = self._started_at(service)
        # The first process is the engine's own; what it looks after is killed. Nobody is left to say how that went.
        self._run("exec", "-T", service, "sh", "-c", "kill -9 -1")
        deadline = time.monotonic() + 60
        while self._started_at(service) == was:
            assert time.monotonic() < deadline, f"{service} was not started again"
            time.sleep(0.2)

    def get(self, path: str) -> requests.Response:
        """Sends a GET, again while nobody answers."""
        return self._insist("GET", path)

    def post(self, path: str, **options: Any) -> str:
        """Asks for a job and returns its id."""
        response = self._insist("POST", path, headers={"Idempotency-Key": uuid.uuid4().hex}, **options)
        assert response.status_code in {200, 202}, response.text
        return str(response.json()["id"])

    def wait_job(self, job_id: str, timeout_s: float = 180) -> dict[str, Any]:
        """Returns a job once it has ended."""
        deadline = time.monotonic() + timeout_s
        while True:
            job: dict[str, Any] = self.get(f"/api/v1/jobs/{job_id}").json()
            if job.get("status") in {"succeeded", "failed", "canceled"}:
                return job
            assert time.monotonic() < deadline, job
            time.sleep(0.5)

    def _insist(self, method: str, path: str, timeout_s: float = 90, **options: Any) -> requests.Response:
        deadline = time.monotonic() + timeout_s
        while True:
            try:
                response = requests.request(method, self.url + path, timeout=30, **options)
                if response.status_code != 503 or time.monotonic() > deadline:
                    return response
            except requests.RequestException:
                if time.monotonic() > deadline:
                    raise
            time.sleep(0.5)

    def _started_at(self, service: str) -> str:
        container = self.compose("ps", "--all", "--quiet", service).strip()
        line = ["docker", "inspect", "--format", "{{.State.StartedAt}}", container]
        return subprocess.run(line, capture_output=True, text=True, check=True).stdout

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
