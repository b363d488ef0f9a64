"""A list in one job, however often the command is run."""

from __future__ import annotations

import json
import os
import resource
from pathlib import Path

import pytest

from tests.support.origins import Origin, serve, slow
from tests.support.told import JOB_ID, in_turn, job, problem, told
from tests.unit.client.cli.conftest import Loupe

CLASSIFICATIONS = "/api/v1/classifications"
JOB = f"/api/v1/jobs/{JOB_ID}"
LIST = b"url,id\nhttps://example.org/cat.jpg,mine\n"
CSV = b"index,id\r\n0,mine\r\n"


@pytest.fixture
def server(origin: Origin) -> Origin:
    origin.on(CLASSIFICATIONS, told(job("queued", done=0), 202))
    origin.on(JOB, told(job()))
    origin.on(f"{JOB}/results", serve(CSV, content_type="text/csv"))
    return origin


@pytest.fixture
def urls(tmp_path: Path) -> Path:
    path = tmp_path / "urls.csv"
    path.write_bytes(LIST)
    return path


def test_a_list_becomes_a_file_and_nothing_else_is_left(
    server: Origin, command: Loupe, urls: Path, tmp_path: Path
) -> None:
    ran = command("batch", urls, "-o", tmp_path / "results.csv", "--model", "pets", "--top-k", 3)

    assert (ran.code, ran.out) == (0, "")
    assert "1 classified, 0 failed" in ran.err
    assert (tmp_path / "results.csv").read_bytes() == CSV
    assert sorted(path.name for path in tmp_path.iterdir()) == ["results.csv", "urls.csv"]
    sent = server.requests[0]
    assert (sent.path, sent.body) == (f"{CLASSIFICATIONS}?model=pets&top_k=3", LIST)
    assert sent.headers["content-type"] == "text/csv"


def test_run_again_it_goes_on_with_the_same_job(server: Origin, command: Loupe, urls: Path, tmp_path: Path) -> None:
    target = tmp_path / "results.csv"
    server.on(JOB, told(job("running")))
    assert command("batch", urls, "-o", target, "--timeout", 0).code == 8
    assert not target.exists()

    server.on(JOB, told(job()))
    ran = command("batch", urls, "-o", target)

    assert (ran.code, target.read_bytes()) == (0, CSV)
    assert f"Going on with job {JOB_ID}." in ran.err
    assert server.hits()[CLASSIFICATIONS] == 1


def test_killed_before_the_answer_came_it_sends_the_same_key(
    server: Origin, command: Loupe, urls: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("loupe.cli.batch_state.State.of_job", killed)
        assert command("batch", urls, "-o", tmp_path / "results.csv").code == 130
    assert command("batch", urls, "-o", tmp_path / "results.csv").code == 0

    keys = [request.headers["idempotency-key"] for request in server.requests if request.method == "POST"]
    assert len(keys) == 2
    assert len(set(keys)) == 1


@pytest.mark.parametrize("other", ["list", "option", "broken state"])
def test_another_list_is_another_job(server: Origin, command: Loupe, urls: Path, tmp_path: Path, other: str) -> None:
    target = tmp_path / "results.csv"
    server.on(JOB, told(job("running")))
    assert command("batch", urls, "-o", target, "--timeout", 0).code == 8
    if other == "list":
        urls.write_bytes(LIST + b"https://example.org/dog.jpg,\n")
    if other == "broken state":
        (tmp_path / "results.csv.loupe-job").write_bytes(b"{")

    options = ("--top-k", 2) if other == "option" else ()
    command("batch", urls, "-o", target, "--timeout", 0, *options)

    keys = {request.headers["idempotency-key"] for request in server.requests if request.method == "POST"}
    assert len(keys) == 2


def test_a_job_that_is_gone_is_made_again(server: Origin, command: Loupe, urls: Path, tmp_path: Path) -> None:
    server.on(JOB, in_turn(told(job("running")), problem(410, "job_expired"), told(job())))
    assert command("batch", urls, "-o", tmp_path / "results.csv", "--timeout", 0).code == 8

    ran = command("batch", urls, "-o", tmp_path / "results.csv")

    assert ran.code == 0
    assert "is gone, the list is sent again" in ran.err
    keys = {request.headers["idempotency-key"] for request in server.requests if request.method == "POST"}
    assert len(keys) == 2


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (LIST, "text/csv"),
        (b"\xef\xbb\xbfurl\nhttps://x\n", "text/csv"),
        (b"https://x\n", "text/plain"),
        (b'{"url": "https://x"}\n', "application/x-ndjson"),
    ],
)
def test_a_list_on_standard_input_is_told_by_its_first_line(
    server: Origin, command: Loupe, content: bytes, kind: str
) -> None:
    ran = command("batch", "-", stdin=content)

    assert (ran.code, ran.out.encode()) == (0, CSV.replace(b"\r\n", b"\n") if "\r" not in ran.out else CSV)
    assert server.requests[0].headers["content-type"] == kind
    assert server.requests[0].body == content


def test_a_list_may_come_through_a_pipe_with_a_name(server: Origin, command: Loupe, tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.write(writing, LIST)
    os.close(writing)

    assert command("batch", "--type", "csv", f"/dev/fd/{reading}", "-o", tmp_path / "results.csv").code == 0

    os.close(reading)
    assert server.requests[0].body == LIST


def test_json_and_ids_tell_of_the_job_where_results_go_to_a_file(
    server: Origin, command: Loupe, urls: Path, tmp_path: Path
) -> None:
    assert json.loads(command("batch", urls, "-o", tmp_path / "a.csv", "--json").out)["id"] == JOB_ID
    assert command("batch", urls, "-o", tmp_path / "b.ndjson", "-q").out == f"{JOB_ID}\n"
    assert command("batch", urls, "-q").out == f"{JOB_ID}\n"
    forms = [request.path.rpartition("?")[2] for request in server.requests if "results" in request.path]
    assert forms == ["format=csv", "format=ndjson"]


@pytest.mark.parametrize("target", ["nowhere/results.csv", "."])
def test_a_file_that_cannot_be_written_is_told_before_anything_is_sent(
    server: Origin, command: Loupe, urls: Path, tmp_path: Path, target: str
) -> None:
    assert command("batch", urls, "-o", tmp_path / target).code == 2
    assert server.requests == []


def test_a_slow_server_is_waited_for(server: Origin, command: Loupe, urls: Path) -> None:
    server.on(JOB, in_turn(told(job("running")), slow(0.2, told(job()))))

    assert command("batch", urls).code == 0


def test_interrupted_it_says_how_to_go_on(
    server: Origin, command: Loupe, urls: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("loupe.cli.batch.watch", interrupted)

    ran = command("batch", urls, "-o", tmp_path / "results.csv")

    assert ran.code == 130
    assert f"Job {JOB_ID} goes on at the server." in ran.err
    assert f"`loupe jobs cancel {JOB_ID}` stops it." in ran.err


def test_results_of_any_job_are_there_for_its_id(server: Origin, command: Loupe, tmp_path: Path) -> None:
    assert command("jobs", "results", JOB_ID, "-o", tmp_path / "results.csv").code == 0
    assert (tmp_path / "results.csv").read_bytes() == CSV
    assert "0,mine" in command("jobs", "results", "-", stdin=f"{JOB_ID}\n".encode()).out

    # One after the other would be written over in the file, and end up as one CSV on standard output.
    assert command("jobs", "results", "-", stdin=f"{JOB_ID}\n{JOB_ID}\n".encode()).code == 2

    server.on(JOB, told(job("running")))
    assert command("jobs", "results", JOB_ID, "--json").code == 8
    assert server.requests[-1].path.endswith("format=ndjson")


def test_results_that_find_no_room_are_told_and_not_lost(
    server: Origin, command: Loupe, urls: Path, tmp_path: Path
) -> None:
    target, limits = tmp_path / "results.csv", resource.getrlimit(resource.RLIMIT_FSIZE)
    server.on(f"{JOB}/results", serve(1000 * CSV, content_type="text/csv"))
    resource.setrlimit(resource.RLIMIT_FSIZE, (2000, limits[1]))
    try:
        ran = command("batch", urls, "-o", target)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert ran.code == 1
    assert f"`loupe jobs results {JOB_ID} -o FILE`" in ran.err
    assert ran.err.endswith(f"loupe: {target}: File too large.\n")
    assert not list(tmp_path.glob("*.part"))
    assert command("batch", urls, "-o", target).code == 0
    assert target.read_bytes() == 1000 * CSV
