"""The guard that every supervised program starts as."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from launch.guard import wait_for_turn
from tests.support.launched import wait_until

STEADY = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(1000)"]


def guard(tmp_path: Path, *command: str, parent: int | None = None) -> list[str]:
    own = ["--parent", str(parent or os.getpid()), "--stamp", str(tmp_path / "toy.started"), "--nice", "3"]
    return [sys.executable, "-m", "launch.guard", *own, "--", *command]


def test_a_first_start_does_not_wait(tmp_path: Path) -> None:
    began = time.monotonic()
    wait_for_turn(tmp_path / "stamp", pause_s=5)
    assert time.monotonic() - began < 1
    assert (tmp_path / "stamp").exists()


def test_a_second_start_waits_for_the_rest_of_the_pause(tmp_path: Path) -> None:
    wait_for_turn(tmp_path / "stamp", pause_s=0.3)
    began = time.monotonic()
    wait_for_turn(tmp_path / "stamp", pause_s=0.3)
    assert 0.2 < time.monotonic() - began < 1


def test_a_clock_set_back_costs_one_pause_at_most(tmp_path: Path) -> None:
    (tmp_path / "stamp").touch()
    os.utime(tmp_path / "stamp", (time.time() + 3600, time.time() + 3600))
    began = time.monotonic()
    wait_for_turn(tmp_path / "stamp", pause_s=0.2)
    assert time.monotonic() - began < 1


def test_a_folder_that_cannot_be_written_costs_one_pause(tmp_path: Path) -> None:
    began = time.monotonic()
    wait_for_turn(tmp_path / "missing" / "stamp", pause_s=0.2)
    assert 0.15 < time.monotonic() - began < 1


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the guard stays the parent")
def test_on_linux_the_guard_becomes_the_command_with_its_niceness(tmp_path: Path) -> None:
    show = "import os; print(os.getpid(), os.nice(0))"
    with subprocess.Popen(guard(tmp_path, sys.executable, "-c", show), stdout=subprocess.PIPE, text=True) as process:
        printed, _ = process.communicate(timeout=20)
    assert printed.split() == [str(process.pid), str(os.nice(0) + 3)]


def test_the_command_learns_where_to_give_signs_of_life_and_none_is_left_from_before(tmp_path: Path) -> None:
    (tmp_path / "toy.alive").touch()
    show = "import os; path = os.environ['LAUNCH_SIGN_OF_LIFE']; print(path, os.path.exists(path))"
    done = subprocess.run(guard(tmp_path, sys.executable, "-c", show), capture_output=True, text=True, timeout=20)
    assert done.stdout.split() == [str(tmp_path / "toy.alive"), "False"]


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere the guard polls")
def test_a_guard_whose_supervisor_is_gone_already_starts_nothing(tmp_path: Path) -> None:
    done = subprocess.run(guard(tmp_path, *STEADY, parent=2_000_000_000), capture_output=True, timeout=20)
    assert done.returncode == -signal.SIGKILL
    assert not done.stdout


# Stands for the supervisor: it starts a guard that stays its command's parent, in a group of its own.
STAND_BY = """
import os, subprocess, sys
guard = "import os, sys; from launch.guard import stand_by; sys.exit(stand_by(sys.argv[1:], os.getppid()))"
subprocess.run([sys.executable, "-c", guard, *sys.argv[1:]], process_group=0)
"""


def test_standing_by_ends_the_command_when_the_supervisor_is_killed() -> None:
    command = [sys.executable, "-c", STAND_BY, *STEADY]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as supervisor:
        assert supervisor.stdout
        assert supervisor.stdout.readline() == b"up\n"
        supervisor.kill()
        # The pipe ends when the last process that holds it is gone.
        assert supervisor.stdout.read() == b""


def test_standing_by_hands_on_sigterm_and_the_exit_status() -> None:
    own = "import os, sys; from launch.guard import stand_by; sys.exit(abs(stand_by(sys.argv[1:], os.getppid())))"
    with subprocess.Popen([sys.executable, "-c", own, *STEADY], stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdout.readline() == b"up\n"
        process.terminate()
        wait_until(lambda: process.poll() is not None, 10, "the guard's end")
    assert process.returncode == signal.SIGTERM
