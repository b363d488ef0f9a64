"""Every exit code, and the sentence that goes with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from loupe.cli import exits
from tests.support.launched import wait_until
from tests.support.origins import Origin, silent
from tests.support.told import JOB_ID, failed_item, in_turn, item, job, model, page, problem, single, told
from tests.unit.client.cli.conftest import Loupe

JOB = f"/api/v1/jobs/{JOB_ID}"
CLASSIFICATIONS = "/api/v1/classifications"
URL = "https://example.org/cat.jpg"
SOURCE = Path(__file__).parents[4] / "client" / "src"


def test_0_when_all_went_well(origin: Origin, command: Loupe) -> None:
    origin.on("/api/v1/models", told(page(model())))

    ran = command("models")

    assert (ran.code, ran.out, ran.err) == (0, "pets\t1\t1,2\tcat,dog\n", "")


@pytest.mark.parametrize("status", ["failed", "canceled"])
def test_1_when_a_job_failed(origin: Origin, command: Loupe, status: str) -> None:
    error = {"code": "training_failed", "message": "The loss is no longer a number."} if status == "failed" else None
    origin.on(JOB, told(job(status, kind="training", error=error)))

    ran = command("jobs", "watch", JOB_ID)

    assert ran.code == 1
    assert ("(training_failed)." if error else "canceled") in ran.err


def test_1_when_no_picture_could_be_classified(origin: Origin, command: Loupe) -> None:
    origin.on(CLASSIFICATIONS, told(single(failed_item())))

    assert command("classify", URL, URL).code == 1


def test_1_when_the_server_is_not_there_and_what_to_do(command: Loupe) -> None:
    ran = command("--url", "http://127.0.0.1:9", "models")

    assert (ran.code, ran.out) == (1, "")
    assert ran.err.count("\n") == 1
    assert "(connection_failed). Is Loupe running there?" in ran.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("unheard-of",),
        ("classify",),
        ("classify", "--top-k", "none", URL),
        ("models", "--json", "-q"),
        ("jobs", "--json", "watch", "x"),
        ("--url", "nowhere", "models"),
        ("promote", "pets"),
        ("train", "pets"),
        ("train", "pets", "--recipe", "modern", "-p", "epochs"),
        ("datasets", "import", "pets"),
        ("batch", "list.xls"),
        ("classify", "--files-from", "latin-1.txt"),
    ],
)
def test_2_when_it_was_not_used_as_it_should(
    command: Loupe, arguments: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("list.xls").touch()
    Path("latin-1.txt").write_bytes(b"caf\xe9.png")

    ran = command(*arguments)

    assert (ran.code, ran.out) == (2, "")
    assert ran.err


@pytest.mark.parametrize("answer", [{}, {"items": None}, {"items": [{}], "next_cursor": None}])
def test_1_when_it_is_not_loupe_that_answers(origin: Origin, command: Loupe, answer: dict[str, object]) -> None:
    origin.on("/api/v1/models", told(answer))

    ran = command("models")

    assert ran.code == 1
    assert "(unexpected_answer)" in ran.err


def test_2_when_the_server_does_not_take_what_was_asked_for(origin: Origin, command: Loupe) -> None:
    origin.on(CLASSIFICATIONS, problem(422, "model_required", "Say which model should answer: cats or dogs."))

    ran = command("classify", URL)

    assert ran.code == 2
    assert ran.err == "loupe: Say which model should answer: cats or dogs (model_required). Name one with --model.\n"


def test_3_when_it_is_not_there(origin: Origin, command: Loupe) -> None:
    origin.on("/api/v1/models/pets", problem(404, "model_not_found", "There is no model 'pets'."))
    origin.on(JOB, problem(410, "job_expired"))

    ran = command("models", "pets")

    assert ran.code == 3
    assert ran.err == "loupe: There is no model 'pets' (model_not_found). `loupe models` lists those there are.\n"
    assert command("jobs", "watch", JOB_ID).code == 3
    assert command("classify", "missing.jpg").code == 3
    assert command("batch", "missing.csv").code == 3


@pytest.mark.parametrize("status", [401, 403, 421])
def test_4_when_it_is_not_allowed(origin: Origin, command: Loupe, status: int) -> None:
    origin.on("/api/v1/models", problem(status, "unauthorized"))

    ran = command("models")

    assert ran.code == 4
    assert "Use " in ran.err or "Set LOUPE_API_KEY" in ran.err


def test_5_when_a_part_of_it_failed(origin: Origin, command: Loupe) -> None:
    origin.on(CLASSIFICATIONS, in_turn(told(single(failed_item())), told(single())))
    origin.on(JOB, told(job(done=10, failed=1, total=10)))

    assert command("classify", "--parallel", 1, URL, URL).code == 5
    assert command("jobs", "watch", JOB_ID).code == 5


def test_8_when_it_still_runs(origin: Origin, command: Loupe) -> None:
    origin.on(JOB, told(job("running")))

    ran = command("jobs", "watch", JOB_ID, "--timeout", "0.5")

    assert ran.code == 8
    assert f"Job {JOB_ID} is running after 0.5 s, and goes on (still_running)." in ran.err


@pytest.fixture
def heeds_interrupts() -> Iterator[None]:
    """Processes started here end by SIGINT, also where a shell's background job ignores it for all below."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("heeds_interrupts")
def test_130_when_it_is_interrupted_and_soon(origin: Origin) -> None:
    origin.on(CLASSIFICATIONS, silent())
    line = [sys.executable, "-m", "loupe", "--url", origin.url(""), "classify", URL, URL]
    with subprocess.Popen(line, env={"PYTHONPATH": str(SOURCE)}, stderr=subprocess.PIPE, text=True) as process:
        try:
            wait_until(lambda: origin.requests, 30, "the first request")
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=10)
        finally:
            process.kill()
    assert (process.returncode, said.strip()) == (130, "loupe: Interrupted.")


def test_a_fault_of_the_command_is_told_in_a_sentence(
    origin: Origin, command: Loupe, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("loupe.models.Models.all", broken)

    ran = command("models")

    assert (ran.code, ran.out) == (1, "")
    assert "Traceback" not in ran.err
    assert "ZeroDivisionError()" in ran.err


@pytest.mark.parametrize(
    ("codes", "together"), [([], 0), ([0, 0], 0), ([1, 1], 1), ([0, 1], 5), ([0, 5], 5), ([1, 8], 8)]
)
def test_several_things_have_one_exit_code(codes: list[int], together: int) -> None:
    assert exits.of_all(codes) == together


def test_an_item_alone_does_not_decide_for_the_list(origin: Origin, command: Loupe) -> None:
    origin.on(CLASSIFICATIONS, told(single(item(below_threshold=True))))

    assert command("classify", URL, "--threshold", "0.99").code == 0


@pytest.mark.parametrize("output", [[], ["--json"], ["-q"]])
def test_141_when_nobody_reads_any_more(origin: Origin, output: list[str]) -> None:
    origin.on(CLASSIFICATIONS, told(single()))
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "loupe", "--url", origin.url(""), "classify", *output, *(8 * [URL])]

    ran = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, env={"PYTHONPATH": str(SOURCE)}, check=False)

    os.close(writer)
    assert (ran.returncode, ran.stderr) == (141, b"")
