"""The list of programs."""

from __future__ import annotations

from pathlib import Path

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
    names = [program.name for program in programs(Settings(data_dir=tmp_path))]
    assert names == ["redis", "api", "single", "list", "trainer", "scheduler"]


def test_no_redis_is_started_beside_a_redis_of_ones_own(tmp_path: Path) -> None:
    found = programs(Settings(data_dir=tmp_path, redis_url="redis://localhost:6379/0"))
    assert "redis" not in [program.name for program in found]
