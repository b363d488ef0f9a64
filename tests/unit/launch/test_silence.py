"""Signs of life, look by look."""

from __future__ import annotations

import os
from pathlib import Path

from launch.silence import Silence, sign_of_life


def speak(folder: Path, *names: str) -> None:
    for name in names:
        path = sign_of_life(folder / name)
        path.touch()
        os.utime(path, ns=(0, path.stat().st_mtime_ns + 1_000_000))


def look(silence: Silence, folder: Path, speaking: str, times: int) -> list[str]:
    """Returns what the last of some looks found, with a sign of some programs before each."""
    found = []
    for _ in range(times):
        speak(folder, *speaking)
        found = silence.look("abc")
    return found


def test_who_has_spoken_and_is_silent_is_found(tmp_path: Path) -> None:
    silence = Silence(tmp_path, looks=10)

    assert look(silence, tmp_path, "ab", 1) == []
    assert look(silence, tmp_path, "b", 9) == []
    assert look(silence, tmp_path, "b", 1) == ["a"]
    # It takes a moment to die, and is not told of twice.
    assert look(silence, tmp_path, "b", 1) == []


def test_who_speaks_again_is_not_silent(tmp_path: Path) -> None:
    silence = Silence(tmp_path, looks=10)
    look(silence, tmp_path, "ab", 1)
    look(silence, tmp_path, "b", 9)

    assert look(silence, tmp_path, "ab", 1) == []
    assert look(silence, tmp_path, "b", 9) == []


def test_who_has_not_spoken_since_its_start_is_waited_for(tmp_path: Path) -> None:
    silence = Silence(tmp_path, looks=10)
    look(silence, tmp_path, "ab", 1)
    look(silence, tmp_path, "b", 9)
    # It starts again.
    sign_of_life(tmp_path / "a").unlink()

    assert look(silence, tmp_path, "b", 30) == []


def test_when_nobody_speaks_nobody_is_blamed(tmp_path: Path) -> None:
    silence = Silence(tmp_path, looks=10)
    look(silence, tmp_path, "abc", 1)

    assert look(silence, tmp_path, "", 30) == []
