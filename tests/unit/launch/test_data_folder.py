"""The data folder's lock, its private folders, and the record of who wrote the Redis files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from launch.data_folder import WRITER_FILE, check_redis_folder, lock_data_folder, private_folder
from launch.errors import LaunchError


def umask() -> int:
    """Returns this process's mask; it can only be had by setting another."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def test_a_second_lock_is_refused_naming_the_folder_and_the_process(tmp_path: Path) -> None:
    lock = lock_data_folder(tmp_path / "var")
    with pytest.raises(LaunchError, match=rf"{tmp_path / 'var'} is in use by another Loupe \(process {os.getpid()}\)"):
        lock_data_folder(tmp_path / "var")
    os.close(lock)


def test_a_lock_is_free_again_when_its_holder_is_gone(tmp_path: Path) -> None:
    os.close(lock_data_folder(tmp_path))
    os.close(lock_data_folder(tmp_path))


def test_the_data_folder_is_for_its_user_alone_even_if_it_was_open(tmp_path: Path) -> None:
    # Schedules have addresses with passwords, and jobs have the pictures of whoever sent them.
    for folder in (tmp_path / "new" / "var", tmp_path / "made before"):
        if folder.name == "made before":
            folder.mkdir(mode=0o755)
        os.close(lock_data_folder(folder))
        assert folder.stat().st_mode & 0o777 == 0o700
    # What leads there is none of Loupe's.
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o777 & ~umask()


def test_a_data_folder_that_is_everybodys_stays_so(tmp_path: Path) -> None:
    tmp_path.chmod(0o1777)
    os.close(lock_data_folder(tmp_path))
    assert tmp_path.stat().st_mode & 0o7777 == 0o1777


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(
        LaunchError, match=r"LOUPE_DATA_DIR: expected a folder this user can write, received .*file/var"
    ):
        lock_data_folder(tmp_path / "file" / "var")


def test_a_private_folder_is_closed_to_others_even_if_it_was_open(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir(mode=0o755)
    private_folder(tmp_path / "run")
    assert (tmp_path / "run").stat().st_mode & 0o777 == 0o700


def test_a_link_in_the_place_of_a_private_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "run").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(LaunchError, match="Expected a folder of this user"):
        private_folder(tmp_path / "run")


def test_a_new_redis_folder_records_its_writer_and_is_taken_again(tmp_path: Path) -> None:
    for version in ("6.2.14", "6.2.14", "6.2.16"):
        check_redis_folder(tmp_path / "redis", version)
    assert (tmp_path / "redis" / WRITER_FILE).read_text() == "redis-server 6.2.16\n"


def test_a_folder_of_another_series_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    check_redis_folder(tmp_path / "redis", "7.0.15")
    with pytest.raises(LaunchError, match=r"was written by redis-server 7\.0\.15, and redis-server 6\.2\.14 cannot"):
        check_redis_folder(tmp_path / "redis", "6.2.14")
    assert (tmp_path / "redis" / WRITER_FILE).read_text() == "redis-server 7.0.15\n"


def test_data_of_an_unknown_writer_are_refused(tmp_path: Path) -> None:
    (tmp_path / "redis" / "appendonlydir").mkdir(parents=True)
    with pytest.raises(LaunchError, match="an unknown redis-server"):
        check_redis_folder(tmp_path / "redis", "6.2.14")
