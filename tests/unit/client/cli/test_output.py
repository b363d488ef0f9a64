"""What goes where, and what it looks like: to programs, and on a terminal."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from loupe.cli.output import clean, percent
from tests.support.origins import Origin
from tests.support.told import JOB_ID, failed_item, in_turn, item, job, model, page, problem, readiness, single, told
from tests.unit.client.cli.conftest import Loupe

JOB = f"/api/v1/jobs/{JOB_ID}"
CLASSIFICATIONS = "/api/v1/classifications"
URL = "https://example.org/cat.jpg"
SOURCE = Path(__file__).parents[4] / "client" / "src"
ESCAPE = "\x1b"


def on_terminal(origin: Origin, *arguments: str, **environment: str) -> str:
    """Returns what the command shows on a terminal of its own."""
    ours, theirs = pty.openpty()
    settings = {"PYTHONPATH": str(SOURCE), "TERM": "xterm-256color", "LOUPE_URL": origin.url(""), **environment}
    line = [sys.executable, "-m", "loupe", *arguments]
    with subprocess.Popen(line, env=settings, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        shown = b""
        while piece := _read(ours):
            shown += piece
        assert process.wait(30) == 0
    os.close(ours)
    return shown.decode()


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:
        # Linux says so when nobody writes to the terminal any more.
        return b""


def test_a_terminal_gets_a_table(origin: Origin) -> None:
    origin.on("/api/v1/models", told(page(model())))

    shown = on_terminal(origin, "models")

    assert ESCAPE in shown
    assert "versions" in shown
    assert "cat,dog" in shown


def test_an_id_is_never_cut(origin: Origin) -> None:
    origin.on("/api/v1/jobs", told(page(job())))

    assert JOB_ID in on_terminal(origin, "jobs", COLUMNS="50")


@pytest.mark.parametrize("variable", [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_a_terminal_that_wants_no_colours_gets_none(origin: Origin, variable: tuple[str, str]) -> None:
    origin.on("/api/v1/models", told(page(model())))
    origin.on(JOB, in_turn(told(job("running")), told(job("running")), told(job())))

    assert ESCAPE not in on_terminal(origin, "models", **dict([variable]))
    assert ESCAPE not in on_terminal(origin, "jobs", "watch", JOB_ID, **dict([variable]))


def test_a_terminal_sees_how_far_a_job_is(origin: Origin) -> None:
    origin.on(JOB, in_turn(*[told(job("running", done=4, total=9))] * 2, told(job(done=9, total=9))))

    assert "4 of 9" in on_terminal(origin, "jobs", "watch", JOB_ID)


@pytest.mark.parametrize("forced", ["FORCE_COLOR", "TTY_COMPATIBLE", "CLICOLOR_FORCE"])
def test_a_pipe_gets_no_control_sequences(
    origin: Origin, command: Loupe, monkeypatch: pytest.MonkeyPatch, forced: str
) -> None:
    monkeypatch.setenv(forced, "1")
    origin.on("/api/v1/models", told(page(model())))
    origin.on(JOB, in_turn(told(job("running")), told(job("running")), told(job())))

    for ran in (command("models"), command("jobs", "watch", JOB_ID), command("models", "nope")):
        assert ESCAPE not in ran.out + ran.err


def test_json_is_a_document_a_line_in_the_order_of_the_arguments(
    origin: Origin, command: Loupe, tmp_path: Path
) -> None:
    (tmp_path / "cat.jpg").write_bytes(b"a picture")
    origin.on(CLASSIFICATIONS, in_turn(told(single(item(newer="field"))), told(single(failed_item())), told(single())))

    ran = command("classify", "--json", "--parallel", 1, tmp_path / "cat.jpg", URL, URL)

    first, second, third = map(json.loads, ran.out.splitlines())
    assert (first["index"], first["label"], first["newer"]) == (0, "cat", "field")
    assert (second["index"], second["status"], second["error"]["code"]) == (1, "failed", "not_an_image")
    assert third["index"] == 2
    assert ran.err == f"{URL}: These bytes are no picture (not_an_image).\n"


def test_ids_alone_come_without_words(origin: Origin, command: Loupe) -> None:
    origin.on(CLASSIFICATIONS, told(single(failed_item())))
    origin.on(JOB, told(job()))
    origin.on("/api/v1/models", told(page(model("a"), model("b"))))

    assert command("classify", "-q", URL) == command("classify", "-q", URL)
    for arguments, out in [
        (("classify", "-q", URL), f"{JOB_ID}\n"),
        (("jobs", "watch", "-q", JOB_ID), f"{JOB_ID}\n"),
        (("models", "-q"), "a\nb\n"),
    ]:
        ran = command(*arguments)
        assert (ran.out, ran.err) == (out, "")


def test_what_others_wrote_cannot_steer_the_terminal(origin: Origin, command: Loupe) -> None:
    hostile = "cat\x1b]0;owned\x07\r\n\tdog\u202e"
    origin.on(CLASSIFICATIONS, told(single(item(label=hostile))))
    origin.on("/api/v1/models/x", problem(404, "model_not_found", hostile))

    ran = command("classify", URL)
    refused = command("models", "x")

    assert ran.out.count("\n") == 1
    assert ran.out.count("\t") == 2
    assert not {"\x1b", "\x07", "\r", "\u202e"} & set(ran.out + refused.err)
    assert json.loads(command("classify", "--json", URL).out)["label"] == hostile


def test_pictures_come_from_folders_lists_and_standard_input(origin: Origin, command: Loupe, tmp_path: Path) -> None:
    for name in ("a/1.png", "a/b/2.jpg", "a/notes.txt", "c.bin"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    origin.on(CLASSIFICATIONS, told(single()))

    ran = command("classify", tmp_path / "a", tmp_path / "c.bin", "--parallel", 1)
    names = [line.split("\t")[0] for line in ran.out.splitlines()]
    assert names == [str(tmp_path / name) for name in ("a/1.png", "a/b/2.jpg", "c.bin")]

    command("classify", "-", stdin=b"bytes of a picture")
    assert b"bytes of a picture" in origin.requests[-1].body

    listed = command("classify", "--files-from", "-", stdin=f"{URL}\n\n{tmp_path / 'c.bin'}\n".encode())
    assert [line.split("\t")[0] for line in listed.out.splitlines()] == [URL, str(tmp_path / "c.bin")]

    (tmp_path / "excel.txt").write_text(URL, "utf-8-sig")
    assert command("classify", "--files-from", tmp_path / "excel.txt").out.startswith(URL)


@pytest.mark.parametrize("ready", [True, False])
def test_the_doctor_looks_at_every_part(origin: Origin, command: Loupe, ready: bool) -> None:
    origin.on("/readyz", told(readiness(ready=ready), 200 if ready else 503))
    origin.on("/api/v1/models", told(page()))

    ran = command("doctor")

    assert ran.code == (0 if ready else 1)
    worker = "worker\tok\tserving pets v1" if ready else "worker\twrong\tThere is no model yet."
    assert ran.out.splitlines()[1:] == ["key\tok\tnone set, and none was asked for", "redis\tok\t", worker]
    assert command("doctor", "-q").out == ("" if ready else "worker\n")


def test_the_doctor_finds_a_key_that_is_not_taken(origin: Origin, command: Loupe) -> None:
    origin.on("/readyz", told(readiness()))
    origin.on("/api/v1/models", problem(401, "unauthorized", "An access key is needed."))

    ran = command("doctor")

    assert ran.code == 4
    assert "key\twrong\tAn access key is needed. Set LOUPE_API_KEY to a key of this server." in ran.out


def test_the_doctor_needs_no_server_to_speak(command: Loupe) -> None:
    ran = command("--url", "http://127.0.0.1:9", "doctor", "--json")

    assert ran.code == 1
    assert json.loads(ran.out)["ok"] is False


@pytest.mark.parametrize(
    ("share", "shown"),
    [(None, ""), (0.972, "97.2 %"), (1.0, "100.0 %"), (0.99951, "> 99.9 %"), (0.0, "0.0 %"), (0.0004, "< 0.1 %")],
)
def test_a_share_is_written_as_on_the_pages(share: float | None, shown: str) -> None:
    assert percent(share) == shown


def test_what_moves_a_terminal_is_made_harmless_and_spaces_stay_spaces() -> None:
    assert clean("a\x1b[2Jb\n95\u202f%") == "a\ufffd[2Jb\ufffd95 %"
