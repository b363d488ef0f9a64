"""Seeing from a token that its process died."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.jobs import tokens

on_linux = pytest.mark.skipif(sys.platform != "linux", reason="tokens name no process elsewhere")

SAYS_ITS_TOKEN = "import sys; from shared.jobs import tokens; print(tokens.new(), flush=True); sys.stdin.read()"
FORKS = """
import os
from shared.jobs import tokens
parent = tokens.new().split(" ")
if not os.fork():
    word, place, number = tokens.new().split(" ")
    print(word != parent[0], place == parent[1], number == str(os.getpid()))
"""


@pytest.fixture(autouse=True)
def real_place() -> Iterator[None]:
    yield
    tokens.place.cache_clear()


@pytest.fixture
def child() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", SAYS_ITS_TOKEN]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield process
        process.kill()


def token_of(child: subprocess.Popen[str]) -> str:
    assert child.stdout
    return child.stdout.readline().rstrip("\n")


@on_linux
def test_a_token_is_an_orphan_once_its_process_s_parent_took_note_of_the_end(child: subprocess.Popen[str]) -> None:
    token = token_of(child)
    assert token.endswith(f" {child.pid}")
    assert tokens.orphans([token, tokens.new()]) == []
    child.kill()
    # Until somebody waits for it, it is a zombie, and its number not free.
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert tokens.orphans([token, tokens.new()]) == []
    child.wait()
    assert tokens.orphans([token, tokens.new()]) == [token]


@on_linux
def test_who_ran_elsewhere_or_has_no_name_is_not_looked_for(child: subprocess.Popen[str]) -> None:
    word, _, number = token_of(child).split(" ")
    child.kill()
    child.wait()
    assert tokens.orphans([f"{word} elsewhere {number}", word, "reaper", ""]) == []


@on_linux
def test_a_place_is_a_namespace_of_processes_in_one_run_of_a_machine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = {"BOOT_ID": tmp_path / "run", "PID_NAMESPACE": tmp_path / "namespace"}
    others["BOOT_ID"].write_text("another run")
    others["PID_NAMESPACE"].symlink_to("pid:[1]")
    places = {tokens.place()}
    for name, path in others.items():
        with monkeypatch.context() as changed:
            changed.setattr(tokens, name, path)
            tokens.place.cache_clear()
            places.add(tokens.place())
    assert len(places) == 3


@on_linux
def test_a_forked_process_has_tokens_of_its_own() -> None:
    done = subprocess.run([sys.executable, "-c", FORKS], stdout=subprocess.PIPE, text=True, check=True)
    assert done.stdout == "True True True\n"


def test_where_the_system_does_not_say_tokens_name_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "BOOT_ID", Path("/nowhere"))
    tokens.place.cache_clear()
    token = tokens.new()
    assert " " not in token
    assert tokens.orphans([token, "word  2000000000"]) == []
