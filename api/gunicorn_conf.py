"""How gunicorn serves Loupe: `gunicorn -c api/gunicorn_conf.py api.wsgi:app`."""

from gevent import monkey

# Before anything else is imported: modules that took hold of the blocking ssl and socket would keep it.
monkey.patch_all()

import os  # noqa: E402
import sys  # noqa: E402
from typing import Any  # noqa: E402

from api.connections import LONGEST_LINE, MOST_HEADERS  # noqa: E402
from api.process import (  # noqa: E402
    MOST_CONNECTIONS,
    allow_open_files,
    collect_less_often,
    processes_for,
    return_freed_memory,
    start_background,
)
from api.server_log import ServerLog  # noqa: E402
from api.services import EXTENSION  # noqa: E402
from api.storage_loop import start_storage_loop  # noqa: E402
from shared.access.start import check_start  # noqa: E402
from shared.collector import spare_the_collector  # noqa: E402
from shared.logs import setup_logging  # noqa: E402
from shared.parent import die_with_parent  # noqa: E402
from shared.preemption import interrupt_nobody  # noqa: E402
from shared.settings import SettingsError, load_settings  # noqa: E402
from shared.tracing import start_tracing  # noqa: E402

try:
    _settings = load_settings()
    check_start(_settings)
except SettingsError as error:
    sys.exit(str(error))

allow_open_files()
_host = f"[{_settings.host}]" if ":" in _settings.host else _settings.host
bind = f"{_host}:{_settings.port}"
worker_class = "api.connections.ConnectionWorker"
workers = processes_for(os.cpu_count())
# Of each worker; whoever comes when all are taken waits in the backlog.
worker_connections = MOST_CONNECTIONS // workers
backlog = 2048
# Seconds that a connection is kept between two requests; how long the first may take is in api.connections.
keepalive = 2
timeout = 30
# `make run` kills what has not stopped after 8 s.
graceful_timeout = 7
limit_request_line = LONGEST_LINE
limit_request_fields = MOST_HEADERS
limit_request_field_size = LONGEST_LINE
control_socket_disable = True
# Forwarding headers are believed in one place alone, api.access.proxies.
forwarded_allow_ips = ""
accesslog = None
errorlog = "-"
loglevel = "warning"
proc_name = "loupe-api"
logger_class = ServerLog


def on_starting(_arbiter: Any) -> None:
    """Has the master process log as its workers do."""
    setup_logging("api", _settings.log_format)


def post_fork(_arbiter: Any, worker: Any) -> None:
    """Has a worker end with its master, however that ends; gunicorn's own look at its parent takes over 2 s."""
    die_with_parent(parent=worker.ppid)
    interrupt_nobody()
    start_storage_loop(_settings.storage_url)


def post_worker_init(worker: Any) -> None:
    """Starts what an API process does besides answering, in the process that answers."""
    setup_logging("api", _settings.log_format)
    start_tracing("api")
    return_freed_memory()
    app = worker.wsgi
    app.extensions[EXTENSION].events.stopping = lambda: not worker.alive
    start_background(app)
    spare_the_collector()
    collect_less_often()
