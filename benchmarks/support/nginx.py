"""nginx on loopback: the host of the pictures, cheap enough not to be what is measured."""

from __future__ import annotations

import getpass
import os
import shutil
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.support.program import Program
from tests.support.launched import free_port

# Debian keeps it where the PATH of a user does not look.
PLACES = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin"
CONFIG = """\
daemon off;
user {user};
worker_processes {workers};
pid {folder}/nginx.pid;
error_log {folder}/nginx.log warn;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    sendfile on;
    tcp_nopush on;
    open_file_cache max=2000;
    keepalive_timeout 300;
    keepalive_requests 10000000;
    types {{ image/jpeg jpg; }}
    client_body_temp_path {folder}/temporary;
    proxy_temp_path {folder}/temporary;
    fastcgi_temp_path {folder}/temporary;
    uwsgi_temp_path {folder}/temporary;
    scgi_temp_path {folder}/temporary;
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        root {root};
    }}
}}
"""


class Nginx:
    """Serves a folder, as a context manager.

    Args:
        folder: for its own files.
        root: the folder that it serves.
    """

    def __init__(self, folder: Path, root: Path) -> None:
        self.port = free_port()
        self.base_url = f"http://127.0.0.1:{self.port}"
        folder.mkdir(parents=True, exist_ok=True)
        values = {"user": getpass.getuser(), "workers": os.cpu_count(), "folder": folder, "port": self.port}
        config = folder / "nginx.conf"
        config.write_text(CONFIG.format(root=root, **values))
        command = [nginx(), "-p", str(folder), "-c", str(config), "-e", str(folder / "nginx.log")]
        self._program = Program(command, folder / "nginx.out")

    def __enter__(self) -> Self:
        self._program.start()
        self._program.wait_port(self.port, 10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._program.stop()


def nginx() -> str:
    """Returns the path of nginx.

    Raises:
        SystemExit: it is not installed.
    """
    found = shutil.which("nginx", path=PLACES)
    if found is None:
        sys.exit("The benchmark serves its pictures with nginx, which is not installed: apt-get install nginx")
    return found
