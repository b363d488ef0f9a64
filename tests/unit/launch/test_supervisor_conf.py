"""The supervisor's configuration, read back by supervisor's own parser."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest
from supervisor.options import ServerOptions

from launch.errors import LaunchError
from launch.programs import Program
from launch.supervisor_conf import quoted, supervisor_conf


def read_back(folder: Path, text: str) -> dict[str, Any]:
    conf = folder / "supervisord.conf"
    conf.write_text(text)
    options = ServerOptions()
    options.realize(["-n", "-c", str(conf)])
    return {group.name: group for group in options.process_group_configs}


@pytest.mark.parametrize(
    "word", ["plain", "two words", "a %d%%", "a #b", "a ;b", "#", "it's # 'quoted' ; \"so\"", "%(here)s", "é"]
)
def test_any_word_of_a_command_survives_the_supervisors_parser(tmp_path: Path, word: str) -> None:
    programs = [Program("toy", ("/bin/echo", word, "end"))]
    groups = read_back(tmp_path, supervisor_conf(programs, tmp_path / "run", 1))
    command = shlex.split(groups["loupe"].process_configs[0].command)
    assert command[command.index("--") + 1 :] == ["/bin/echo", word, "end"]


def test_redis_is_a_group_of_its_own_that_stops_after_the_others(tmp_path: Path) -> None:
    programs = [Program("redis", ("/bin/true",), group="redis"), Program("a", ("/bin/true",)), Program("b", ("/b",))]
    groups = read_back(tmp_path, supervisor_conf(programs, tmp_path, 1))
    assert {process.name for process in groups["loupe"].process_configs} == {"a", "b"}
    # The supervisor stops groups from the highest priority down.
    assert groups["redis"].priority < groups["loupe"].priority


def test_every_program_is_always_restarted_and_killed_with_its_group(tmp_path: Path) -> None:
    groups = read_back(tmp_path, supervisor_conf([Program("a", ("/bin/true",), nice=7)], tmp_path, 4711))
    process = groups["loupe"].process_configs[0]
    assert process.autorestart
    assert process.killasgroup
    assert process.startsecs == 0
    assert "--parent 4711 " in process.command
    assert "--nice 7 " in process.command


def test_programs_share_few_heaps_among_their_threads(tmp_path: Path) -> None:
    groups = read_back(tmp_path, supervisor_conf([Program("a", ("/bin/true",))], tmp_path, 1))
    assert groups["loupe"].process_configs[0].environment["MALLOC_ARENA_MAX"] == "2"


def test_a_line_break_is_refused() -> None:
    with pytest.raises(LaunchError, match="without line breaks"):
        quoted(["/bin/echo", "two\nlines"])
