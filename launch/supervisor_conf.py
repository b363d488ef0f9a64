"""The supervisor's configuration file, made from the list of programs."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from launch.errors import LaunchError
from launch.programs import Program

# Groups stop from the highest priority down, so Redis, the lowest, is stopped when all others are gone.
HEAD = """\
; Written by `make run` at every start; changes made here are lost.
[supervisord]
nodaemon = true
nocleanup = true
loglevel = warn
logfile = /dev/null
logfile_maxbytes = 0
pidfile = %(here)s/supervisord.pid
; Each thread's own heap keeps what it once held: 225 MB against 196 for a list worker's 64 threads.
environment = MALLOC_ARENA_MAX="2"
"""
GROUP = """
[group:loupe]
programs = {names}
priority = 2
"""
PROGRAM = """
[program:{name}]
command = {command}
priority = 1
autorestart = true
startsecs = 0
stopwaitsecs = {stop_wait_s}
killasgroup = true
redirect_stderr = true
; The console handler of launch.supervise gets a copy of all output.
stdout_logfile = /dev/null
stdout_logfile_maxbytes = 0
"""


def supervisor_conf(programs: Sequence[Program], run_dir: Path, supervisor_pid: int) -> str:
    """Returns the text of the file.

    Args:
        programs: what to keep alive.
        run_dir: the folder of the stamps that pace restarts.
        supervisor_pid: the process id the supervisor will have, whose death the programs do not outlive.
    """
    parts = [HEAD]
    for program in programs:
        command = quoted(guarded(program, run_dir, supervisor_pid))
        parts.append(PROGRAM.format(name=program.name, command=command, stop_wait_s=program.stop_wait_s))
    names = [program.name for program in programs if program.group == "loupe"]
    if names:
        parts.append(GROUP.format(names=",".join(names)))
    return "".join(parts)


def guarded(program: Program, run_dir: Path, supervisor_pid: int) -> list[str]:
    """Returns the program's command behind `launch.guard`."""
    stamp = stamp_path(run_dir, program)
    guard = [sys.executable, "-m", "launch.guard", "--parent", str(supervisor_pid), "--stamp", str(stamp)]
    return [*guard, "--nice", str(program.nice), "--", *program.command]


def stamp_path(run_dir: Path, program: Program) -> Path:
    """Returns the file whose time says when the program last started."""
    return run_dir / f"{program.name}.started"


def quoted(command: Sequence[str]) -> str:
    """Quotes a command for the shell-like split of the supervisor, below two other layers of its file.

    `%` starts an expansion, and ` #` and ` ;` a comment even between quotes. Words with these two stand in
    single quotes already, so leaving those around the character for a pair of double ones hides it.

    Raises:
        LaunchError: for a line break, which the file cannot hold.
    """
    text = shlex.join(command).replace("%", "%%")
    if "\n" in text or "\r" in text:
        raise LaunchError(
            f"Expected paths without line breaks, received {text!r}; set LOUPE_DATA_DIR to another folder"
        )
    return text.replace("#", "'\"#\"'").replace(";", "'\";\"'")
