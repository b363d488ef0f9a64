"""The list of programs."""

from __future__ import annotations

from pathlib import Path

import pytest

from launch.programs import LIST_NICENESS, programs
from shared.settings import Settings


def test_the_celery_processes_carry_their_names_and_read_one_queue_each(tmp_path: Path) -> None:
    found = {program.name: program for program in programs(Settings(data_dir=tmp_path))}
    for name, queue in {"single": "classify", "list": "batch", "trainer": "train"}.items():
        command = found[name].command
        assert command[command.index("-n") + 1].startswith(f"{name}@")
        assert command[command.index("-Q") + 1] == queue
    assert found["list"].nice == LIST_NICENESS
    assert found["single"].nice == 0


def test_all_six_programs_run_with_the_embedded_redis(tmp_path: Path) -> None:
    names = [program.name for program in programs(Settings(data_dir=tmp_path, list_workers=1))]
    assert names == ["redis", "api", "single", "list", "trainer", "scheduler"]


def test_workers_for_lists_are_as_many_as_is_asked_for_and_told_apart(tmp_path: Path) -> None:
    found = [each for each in programs(Settings(data_dir=tmp_path, list_workers=3)) if each.name.startswith("list")]
    nodes = [each.command[each.command.index("-n") + 1] for each in found]
    assert [each.name for each in found] == ["list", "list-2", "list-3"]
    assert nodes == ["list@%h", "list@2.%h", "list@3.%h"]
    assert {each.nice for each in found} == {LIST_NICENESS}


def test_a_core_has_a_worker_for_lists_up_to_four(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for cores, workers in ((1, 1), (2, 2), (64, 4)):
        monkeypatch.setattr("os.cpu_count", lambda cores=cores: cores)
        names = [each.name for each in programs(Settings(data_dir=tmp_path))]
        assert sum(name.startswith("list") for name in names) == workers


def test_no_redis_is_started_beside_a_redis_of_ones_own(tmp_path: Path) -> None:
    found = programs(Settings(data_dir=tmp_path, redis_url="redis://localhost:6379/0"))
    assert "redis" not in [program.name for program in found]
