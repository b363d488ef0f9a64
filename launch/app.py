"""`make run`, step by step: settings, checks, data folder, and then this process becomes the supervisor."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import NoReturn

from launch.data_folder import check_redis_folder, lock_data_folder, private_folder
from launch.errors import LaunchError
from launch.preflight import check_port
from launch.programs import Program, programs
from launch.redis_server import find_redis_server, redis_server_version
from launch.supervisor_conf import stamp_path, supervisor_conf
from shared.access.start import check_start
from shared.parent import die_with_parent
from shared.redis_url import socket_path
from shared.settings import Settings, SettingsError, load_settings

# For all programs: what they print appears at once, and TensorFlow says only what is wrong.
ENVIRONMENT = {"PYTHONUNBUFFERED": "1", "TF_CPP_MIN_LOG_LEVEL": "2"}


def main(argv: Sequence[str], choose: Callable[[Settings], Sequence[Program]] = programs) -> int:
    """Starts Loupe. Returns only when it cannot: 2 for a wrong setting, 1 for anything else in the way.

    Args:
        argv: the command line's options.
        choose: makes the list of programs; tests give their own.
    """
    parser = argparse.ArgumentParser(prog="launch", description="Runs all of Loupe in the foreground.")
    parser.add_argument("--die-with-parent", action="store_true", help="stop when the parent process is gone")
    options = parser.parse_args(argv)
    # Ctrl-C during these first moments needs no traceback.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    parent = os.getppid() if options.die_with_parent else 0
    if parent:
        die_with_parent(signal.SIGTERM)
    try:
        settings = load_settings()
        start(settings, choose, parent)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except LaunchError as error:
        sys.stderr.write(f"{error}\n")
        return 1


def start(settings: Settings, choose: Callable[[Settings], Sequence[Program]], parent: int) -> NoReturn:
    """Checks that nothing is in the way and becomes the supervisor.

    Raises:
        SettingsError, LaunchError: before anything is started.
    """
    check_start(settings)
    check_port(settings)
    # The descriptor stays open in the supervisor and in it alone: its programs close all they inherit.
    lock_data_folder(settings.data_dir)
    run_dir = private_folder(settings.data_dir / "run")
    if not settings.redis_url:
        check_redis_folder(settings.data_dir / "redis", redis_server_version(find_redis_server()))
        private_folder(socket_path(settings).parent)
    chosen = choose(settings)
    for program in chosen:
        stamp_path(run_dir, program).unlink(missing_ok=True)
    conf = run_dir / "supervisord.conf"
    conf.write_text(supervisor_conf(chosen, run_dir, os.getpid()), "utf-8")
    sys.stdout.write(f"Loupe: {address(settings)}  (Ctrl-C stops it)\n")
    sys.stdout.flush()
    os.environ.update(ENVIRONMENT)
    command = [sys.executable, "-m", "launch.supervise", "--die-with", str(parent), str(conf)]
    os.execv(sys.executable, command)  # noqa: S606 - our own interpreter and module


def address(settings: Settings) -> str:
    """Returns the URL to open in a browser."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    return f"http://{host}:{settings.port}"
