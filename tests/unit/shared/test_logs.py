"""Log lines, for people and for collectors."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from threading import Thread

import pytest

from shared.logs import CHILD_FIELDS, bind, bound, child_environment, fields, setup_logging


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    bind()


def test_a_line_of_json_has_what_was_bound_where_it_was_written(capsys: pytest.CaptureFixture[str]) -> None:
    setup_logging("single", "json")
    with bound(unit="job:0"), bound(job="job", attempt=2, request="r-1"):
        logging.getLogger("worker").warning("odd:\n%s", "an answer")
    logging.getLogger("worker").info("done")

    first, second = map(json.loads, capsys.readouterr().err.splitlines())

    assert first.pop("at").endswith("+00:00")
    assert first == {
        "level": "warning",
        "role": "single",
        "unit": "job:0",
        "job": "job",
        "attempt": 2,
        "request": "r-1",
        "logger": "worker",
        "message": "odd:\nan answer",
    }
    assert "unit" not in second


def test_an_exception_stays_on_the_line_of_its_message(capsys: pytest.CaptureFixture[str]) -> None:
    setup_logging("single", "json")
    try:
        _ = 1 / 0
    except ZeroDivisionError:
        logging.getLogger("worker").exception("failed")

    (line,) = map(json.loads, capsys.readouterr().err.splitlines())

    assert line["exception"].startswith("Traceback")
    assert line["exception"].endswith("ZeroDivisionError: division by zero")


def test_a_line_of_text_names_the_unit_or_else_the_request(capsys: pytest.CaptureFixture[str]) -> None:
    setup_logging("api", "text")
    log = logging.getLogger("here")
    bind(request="r-1")
    log.warning("one")
    with bound(unit="job:0"):
        log.warning("two")
    bind()
    log.warning("three")

    lines = [line.partition(" api WARNING ")[2] for line in capsys.readouterr().err.splitlines()]

    assert lines == ["r-1 here: one", "job:0 here: two", "- here: three"]


def test_what_one_thread_works_on_is_not_on_the_lines_of_another() -> None:
    seen = []
    with bound(unit="job:0"):
        thread = Thread(target=lambda: seen.append(dict(fields())))
        thread.start()
        thread.join()
    assert seen == [{}]


def test_a_child_process_goes_on_with_what_its_parent_works_on() -> None:
    code = "import logging, shared.logs as l; l.setup_logging('training', 'json'); logging.warning('here')"
    with bound(job="job", attempt=3):
        run = subprocess.run(
            [sys.executable, "-c", code], env=os.environ | child_environment(), capture_output=True, check=True
        )
    line = json.loads(run.stderr)
    assert (line["job"], line["attempt"], line["role"]) == ("job", 3, "training")
    assert CHILD_FIELDS not in os.environ


def test_what_somebody_sent_begins_no_line_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    setup_logging("api", "text")
    try:
        int("two\nlines")
    except ValueError:
        logging.getLogger("api").exception("GET %s failed", "/x\n2026-01-01 api INFO - audit: all is fine\x1b[2J\u202e")

    first, second, *_ = capsys.readouterr().err.splitlines()

    assert first.endswith("GET /x\\n2026-01-01 api INFO - audit: all is fine\\x1b[2J\\u202e failed")
    assert second.startswith("Traceback")
