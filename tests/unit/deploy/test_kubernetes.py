"""The files for Kubernetes: each by Kubernetes' own schema, and all together by what Loupe needs.

KEDA publishes no schema that a package carries: its objects are checked here by hand, against its documentation.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import kubernetes_validate  # type: ignore[import-untyped]
import pytest
import yaml  # type: ignore[import-untyped]
from pydantic import SecretStr

from api.load_metrics import load_families
from launch.programs import programs
from shared.jobs.load import Load, QueueLoad
from shared.jobs.model import Kind, Queue, Status
from shared.settings import Settings

FOLDER = Path(__file__).parents[3] / "deploy" / "kubernetes"
KUSTOMIZATION: dict[str, Any] = yaml.safe_load((FOLDER / "kustomization.yaml").read_text("utf-8"))
OBJECTS: list[dict[str, Any]] = [
    each for name in KUSTOMIZATION["resources"] for each in yaml.safe_load_all((FOLDER / name).read_text("utf-8"))
]
OF_KEDA = [each for each in OBJECTS if each["apiVersion"] == "keda.sh/v1alpha1"]
OF_KUBERNETES = [each for each in OBJECTS if each not in OF_KEDA]
WORKLOADS = {each["metadata"]["name"]: each for each in OBJECTS if each["kind"] in {"Deployment", "StatefulSet"}}
# The program of `make run` that each runs.
PROGRAMS = {"api": "api", "worker": "single", "list-worker": "list", "trainer": "trainer", "scheduler": "scheduler"}
IMAGES = {"redis": "redis:7-bookworm", "worker": "loupe-worker", "list-worker": "loupe-worker"}


def name_of(each: dict[str, Any]) -> str:
    return f"{each['kind']}-{each['metadata']['name']}"


def container(name: str) -> dict[str, Any]:
    (found,) = WORKLOADS[name]["spec"]["template"]["spec"]["containers"]
    return dict(found)


@pytest.mark.parametrize("each", OF_KUBERNETES, ids=name_of)
def test_an_object_is_as_kubernetes_schema_has_it(each: dict[str, Any]) -> None:
    kubernetes_validate.validate(each, "1.33", strict=True)


def test_the_keys_made_by_the_manual_s_command_are_its_caller_s(tmp_path: Path) -> None:
    manual = (FOLDER.parents[1] / "docs" / "kubernetes.md").read_text("utf-8").replace("\\\n", "")
    (command,) = re.findall(r"docker run .*", manual)
    (tmp_path / "bin").mkdir()
    # Given a docker that only says what it was asked
    docker = tmp_path / "bin" / "docker"
    docker.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n')
    docker.chmod(0o755)
    asked = subprocess.run(
        ["sh", "-euc", command],
        env={"PATH": f"{docker.parent}:{os.environ['PATH']}"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()

    # Then the file of mode 600 is that of who runs kubectl next, and what else is written lies where they may write
    assert asked[asked.index("--user") + 1] == str(os.getuid())
    assert f"{tmp_path}:/keys" in asked
    assert {"LOUPE_API_KEYS_FILE=/keys/keys.json", "LOUPE_DATA_DIR=/tmp"} <= set(asked)


def test_every_file_is_applied() -> None:
    files = {path.name for path in FOLDER.glob("*.yaml")} - {"kustomization.yaml"}
    assert set(KUSTOMIZATION["resources"]) == files
    assert set(WORKLOADS) == {*PROGRAMS, "redis"}


@pytest.mark.parametrize(("name", "program"), PROGRAMS.items())
def test_a_pod_runs_the_same_command_as_make_run(name: str, program: str) -> None:
    wanted = {each.name: each for each in programs(Settings(redis_url=SecretStr("redis://redis/0")))}[program]
    nice = ["nice", "-n", str(wanted.nice)] if wanted.nice else []
    words = ["python" if word == sys.executable else word for word in wanted.command]
    assert container(name)["command"] == [*nice, *words]


@pytest.mark.parametrize("name", WORKLOADS)
def test_a_pod_may_nothing_and_is_asked_how_it_is(name: str) -> None:
    pod, one = WORKLOADS[name]["spec"]["template"]["spec"], container(name)
    assert pod["securityContext"]["runAsNonRoot"]
    assert not pod["automountServiceAccountToken"]
    assert one["securityContext"]["readOnlyRootFilesystem"]
    assert one["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert {"livenessProbe", "startupProbe"} <= set(one)
    assert {"requests", "limits"} == set(one["resources"])
    if name in PROGRAMS and name != "api":
        assert one["livenessProbe"]["exec"]["command"] == ["python", "-m", "shared.alive", PROGRAMS[name]]


@pytest.mark.parametrize("name", WORKLOADS)
def test_a_pod_is_chosen_by_its_own_labels_and_what_it_mounts_is_there(name: str) -> None:
    spec = WORKLOADS[name]["spec"]
    labels = spec["template"]["metadata"]["labels"]
    assert spec["selector"]["matchLabels"].items() <= labels.items()
    assert labels["app.kubernetes.io/part-of"] == "loupe"
    volumes = {volume["name"] for volume in spec["template"]["spec"].get("volumes", [])}
    volumes |= {claim["metadata"]["name"] for claim in spec.get("volumeClaimTemplates", [])}
    assert {mount["name"] for mount in container(name)["volumeMounts"]} == volumes


def test_images_are_those_of_the_compose_file_and_named_once() -> None:
    named = {image["name"] for image in KUSTOMIZATION["images"]}
    assert {container(name)["image"] for name in PROGRAMS} == named


def test_every_setting_is_one_that_loupe_knows() -> None:
    literals = [line.partition("=")[0] for line in KUSTOMIZATION["configMapGenerator"][0]["literals"]]
    own = [variable["name"] for name in PROGRAMS for variable in container(name).get("env", [])]
    known = {f"LOUPE_{name.upper()}" for name in Settings.model_fields}
    assert {name for name in [*literals, *own] if name.startswith("LOUPE_")} <= known


def test_what_has_no_replicas_of_its_own_is_scaled_and_nothing_else() -> None:
    unset = {name for name, each in WORKLOADS.items() if "replicas" not in each["spec"]}
    assert {each["spec"]["scaleTargetRef"]["name"] for each in OF_KEDA} == unset


def test_what_must_not_go_all_at_once_has_a_budget() -> None:
    budgets = {each["metadata"]["name"]: each["spec"] for each in OBJECTS if each["kind"] == "PodDisruptionBudget"}
    # A training goes on from its last epoch, however many trainers move at once.
    assert set(budgets) == set(PROGRAMS) - {"trainer"}
    # With `minAvailable` a single pod would keep its node from being emptied.
    assert all(spec["maxUnavailable"] == 1 for spec in budgets.values())


@pytest.mark.parametrize("each", OF_KEDA, ids=name_of)
def test_keda_asks_for_a_metric_that_there_is(each: dict[str, Any]) -> None:
    load = Load(
        {queue: QueueLoad(0, 0.0) for queue in Queue}, 0, 0, 0, {(kind, s): 0 for kind in Kind for s in Status}, 0, 0
    )
    there = {
        sample.name + "{" + ",".join(f'{name}="{value}"' for name, value in sample.labels.items()) + "}"
        for family in load_families(load, [])
        for sample in family.samples
    }
    spec = each["spec"]
    assert 1 <= spec["minReplicaCount"] < spec["maxReplicaCount"]
    for trigger in spec["triggers"]:
        asked = trigger["metadata"]
        assert trigger["type"] == "metrics-api"
        assert (asked["url"], asked["format"]) == ("http://api.loupe.svc:8000/metrics", "prometheus")
        assert asked["valueLocation"] in there
        assert float(asked["targetValue"]) > 0
    formula = spec.get("advanced", {}).get("scalingModifiers", {}).get("formula", "")
    assert set(re.findall(r"\w+", formula)) == {trigger["name"] for trigger in spec["triggers"] if "name" in trigger}
