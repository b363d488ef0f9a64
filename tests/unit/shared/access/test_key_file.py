"""The file of hashed keys."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from shared.access import KeyFileError, Scope, changing, digest_of, load_keys, new_key
from tests.support.access import add_key

GOOD = {"name": "ann", "scope": "train", "sha256": "0" * 64, "created_at": "2026-03-01T00:00:00Z"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys.json"


def test_a_key_is_kept_as_its_hash_alone_in_a_file_of_its_owner(path: Path) -> None:
    key = add_key(path, "ann", "train")

    (kept,) = load_keys(path)
    assert (kept.name, kept.scope, kept.sha256) == ("ann", Scope.TRAIN, digest_of(key))
    assert key not in path.read_text()
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_keys_are_long_random_and_begin_so_that_scanners_know_them() -> None:
    keys = {new_key() for _ in range(100)}

    assert len(keys) == 100
    assert all(key.startswith("loupe_") and len(key) == 49 for key in keys)


@pytest.mark.parametrize(
    ("has", "needed", "covered"),
    [
        ("classify", "classify", True),
        ("classify", "train", False),
        ("train", "classify", True),
        ("train", "admin", False),
        ("admin", "classify", True),
        ("admin", "admin", True),
    ],
)
def test_each_scope_has_those_before_it(has: str, needed: str, covered: bool) -> None:
    assert Scope(has).covers(Scope(needed)) is covered


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "Invalid JSON"),
        ("[]", "should be an object"),
        ("{}", "keys: Field required"),
        ('{"keys": [], "more": 1}', "more: Extra inputs"),
        (json.dumps({"keys": [GOOD | {"scope": "root"}]}), "keys.0.scope: Input should be"),
        (json.dumps({"keys": [GOOD | {"name": "Ann B"}]}), "keys.0.name: String should match"),
        (json.dumps({"keys": [GOOD | {"sha256": "plain"}]}), "keys.0.sha256: String should match"),
        (json.dumps({"keys": [GOOD | {"created_at": "2026-03-01T00:00:00"}]}), "keys.0.created_at"),
        (json.dumps({"keys": [GOOD, GOOD | {"sha256": "1" * 64}]}), "name 'ann' is there twice"),
        (json.dumps({"keys": [GOOD, GOOD | {"name": "ben"}]}), "is there twice"),
        ("\udcff", "Invalid JSON"),
        (" " * (1024 * 1024 + 1), "more than"),
    ],
)
def test_a_broken_file_is_refused_whole(path: Path, content: str, reason: str) -> None:
    path.write_bytes(content.encode("utf-8", "surrogateescape"))

    with pytest.raises(KeyFileError, match="expected a file of hashed keys") as caught:
        load_keys(path)
    assert reason in str(caught.value)
    assert "plain" not in str(caught.value)


def test_a_file_that_is_missing_is_refused(path: Path) -> None:
    with pytest.raises(KeyFileError, match="No such file"):
        load_keys(path)


def test_a_folder_is_refused(path: Path) -> None:
    path.mkdir()

    with pytest.raises(KeyFileError, match="Is a directory"):
        load_keys(path)


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_a_file_that_others_may_write_is_refused(path: Path, mode: int) -> None:
    path.write_text('{"keys": []}')
    path.chmod(mode)

    with pytest.raises(KeyFileError, match="others than its owner may write"):
        load_keys(path)


def test_what_fails_in_the_middle_changes_nothing(path: Path) -> None:
    add_key(path, "ann", "train")
    before = path.read_bytes()

    def fail() -> None:
        with changing(path) as keys:
            keys.clear()
            raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        fail()

    assert path.read_bytes() == before


def test_a_broken_file_is_not_overwritten(path: Path) -> None:
    path.write_text("mine")

    with pytest.raises(KeyFileError), changing(path) as keys:
        keys.clear()

    assert path.read_text() == "mine"


def test_many_at_once_lose_none(path: Path) -> None:
    threads = [threading.Thread(target=add_key, args=(path, f"key-{n}", "classify")) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(load_keys(path)) == 8


def test_a_link_stays_a_link(path: Path, tmp_path: Path) -> None:
    real = tmp_path / "elsewhere" / "real.json"
    real.parent.mkdir()
    add_key(real, "ann", "train")
    path.symlink_to(real)

    add_key(path, "ben", "train")

    assert path.is_symlink()
    assert [key.name for key in load_keys(real)] == ["ann", "ben"]
