"""What of the programs' output a person sees."""

from __future__ import annotations

import pytest
from supervisor import loggers

from launch.console import Console

OURS = "2026-11-22 08:36:04,192 single INFO - worker.models: serving shapes version 1\n"
ABSL = "WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n"
REMARK = "I0000 00:00:1795336533.901882    6201 port.cc:153] oneDNN custom operations are on.\n"
WARNING = "W0000 00:00:1795336533.901882    6201 cpu.cc:12] This processor has more.\n"
ERROR = "E0000 00:00:1795336533.901882    6201 cuda.cc:7] There is no device.\n"
FAREWELL = "\nworker: Warm shutdown (MainProcess)\n"


def shown(said: str, capfd: pytest.CaptureFixture[str]) -> str:
    """Returns what the console makes of what a program said."""
    console = Console("%(message)s", loggers.LevelsByName.INFO)
    console.emit(loggers.LogRecord(loggers.LevelsByName.INFO, said.encode()))
    return capfd.readouterr().out


@pytest.mark.parametrize("chatter", [ABSL, REMARK, WARNING, FAREWELL])
def test_the_chatter_of_libraries_is_left_out(chatter: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert shown(chatter, capfd) == ""
    assert shown(f"{OURS}{chatter}{OURS}", capfd) == OURS * 2


@pytest.mark.parametrize(
    "said", [OURS, ERROR, "Traceback (most recent call last):\n", "killed", "In 1 line: W0000\n", "\n"]
)
def test_everything_else_is_shown_as_it_is(said: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert shown(said, capfd) == said
