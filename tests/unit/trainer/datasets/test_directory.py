from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.datasets.report import Refused
from shared.errors import BadSource, NoLabel, PathNotAllowed, SourceNotFound, TooManyPictures
from tests.support.imports import Imports, fill, picture, refusals
from tests.support.pictures import HTML, truncated_jpeg
from trainer.datasets.source import at_most, refused

SOURCE = {"type": "directory", "path": "pets"}


def test_each_subfolder_is_a_class_with_pictures_at_any_depth(imports: Imports) -> None:
    fill(imports.folder / "pets", {"cat": 4, "dog/big": 3, "dog/small/old": 2})

    report = imports.report(SOURCE)

    assert report["classes"] == ["cat", "dog"]
    assert {name: sum(sides.values()) for name, sides in report["counts"].items()} == {"cat": 4, "dog": 5}


def test_what_is_no_picture_is_refused_with_its_reason(imports: Imports) -> None:
    pets = imports.folder / "pets"
    fill(pets, {"cat": 4, "dog": 4})
    (pets / "cat" / "page.jpg").write_bytes(HTML)
    (pets / "cat" / "half.jpg").write_bytes(truncated_jpeg())
    (pets / "dog" / "empty.png").write_bytes(b"")
    (pets / "dog" / "large.jpg").write_bytes(b"\xff" * 3000)
    os.mkfifo(pets / "dog" / "pipe.jpg")
    (pets / "lost.jpg").write_bytes(picture(99))

    report = imports.report(SOURCE, max_image_bytes=2500)

    assert refusals(report) == {
        "pets/cat/page.jpg": "not_an_image",
        "pets/cat/half.jpg": "not_an_image",
        "pets/dog/empty.png": "not_an_image",
        "pets/dog/large.jpg": "too_large",
        "pets/dog/pipe.jpg": "unreadable",
        "pets/lost.jpg": "no_label",
    }
    assert report["refused_count"] == 6
    assert report["refused_codes"]["not_an_image"] == 3
    assert report["total"] == 8
    assert imports.progress["failed"] == 6


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read every file")
def test_a_file_without_permission_is_refused(imports: Imports) -> None:
    fill(imports.folder / "pets", {"cat": 4, "dog": 4})
    secret = imports.folder / "pets" / "cat" / "000.jpg"
    secret.chmod(0)

    assert refusals(imports.report(SOURCE)) == {"pets/cat/000.jpg": "unreadable"}


def test_a_folder_that_cannot_be_read_is_refused_alone(imports: Imports) -> None:
    pets = imports.folder / "pets"
    fill(pets, {"cat": 4, "dog": 4})
    folder = os.open(pets / "cat", os.O_RDONLY)
    # Deeper than any path may be long: even the superuser cannot list the last one by its path.
    for _ in range(20):
        os.mkdir("d" * 250, dir_fd=folder)
        below = os.open("d" * 250, os.O_RDONLY, dir_fd=folder)
        os.close(folder)
        folder = below
    os.close(folder)

    report = imports.report(SOURCE)

    assert list(refusals(report).values()) == ["unreadable"]
    assert report["total"] == 8


def test_what_computers_leave_in_folders_is_not_mentioned(imports: Imports) -> None:
    pets = imports.folder / "pets"
    fill(pets, {"cat": 4, "dog": 4, "__MACOSX": 1, ".thumbnails": 1})
    (pets / "cat" / ".DS_Store").write_bytes(b"x")
    (pets / "dog" / "Thumbs.db").write_bytes(b"x")

    report = imports.report(SOURCE)

    assert report["classes"] == ["cat", "dog"]
    assert report["refused"] == []


def test_links_are_followed_to_files_of_the_import_folder_and_no_further(imports: Imports, tmp_path: Path) -> None:
    pets = imports.folder / "pets"
    fill(pets, {"cat": 4, "dog": 4})
    fill(imports.folder / "more", {"cat": 1}, first=50)
    fill(tmp_path / "secret", {"cat": 1}, first=60)
    (pets / "cat" / "in.jpg").symlink_to(imports.folder / "more" / "cat" / "000.jpg")
    (pets / "cat" / "out.jpg").symlink_to(tmp_path / "secret" / "cat" / "000.jpg")
    (pets / "dog" / "folder").symlink_to(imports.folder / "more")
    (pets / "dog" / "loop").symlink_to(pets)
    (pets / "dog" / "gone.jpg").symlink_to(pets / "nowhere.jpg")

    report = imports.report(SOURCE)

    assert refusals(report) == {
        "pets/cat/out.jpg": "path_not_allowed",
        "pets/dog/folder": "path_not_allowed",
        "pets/dog/loop": "path_not_allowed",
        "pets/dog/gone.jpg": "unreadable",
    }
    assert report["counts"]["cat"] == {"train": 4, "test": 1}


def test_names_that_are_no_utf_8_are_shown_as_their_bytes(imports: Imports) -> None:
    pets = imports.folder / "pets"
    fill(pets, {"dog": 4, os.fsdecode(b"caf\xe9"): 4, "naïve 猫": 4})
    (pets / "dog" / os.fsdecode(b"\xff.jpg")).write_bytes(HTML)

    report = imports.report(SOURCE)

    assert report["classes"] == ["caf\\xe9", "dog", "naïve 猫"]
    assert refusals(report) == {"pets/dog/\\xff.jpg": "not_an_image"}
    assert imports.version().classes == report["classes"]


@pytest.mark.parametrize(
    ("path", "error", "words"),
    [
        ("nowhere", SourceNotFound, "nowhere"),
        ("../elsewhere", PathNotAllowed, "without `..`"),
        ("/etc", PathNotAllowed, "relative"),
        ("out", PathNotAllowed, "through a link"),
        ("file.txt", BadSource, "A folder with a folder for each class"),
        ("flat", BadSource, "has no folders in it"),
    ],
)
def test_a_path_that_is_no_folder_of_classes_is_refused(
    imports: Imports, tmp_path: Path, path: str, error: type[Exception], words: str
) -> None:
    (imports.folder / "file.txt").write_text("x")
    (imports.folder / "out").symlink_to(tmp_path)
    (imports.folder / "flat").mkdir()
    (imports.folder / "flat" / "a.jpg").write_bytes(picture(0))

    with pytest.raises(error, match=words):
        imports.run({"type": "directory", "path": path})


def test_a_link_to_itself_is_refused(imports: Imports) -> None:
    pets = imports.folder / "pets"
    fill(pets, {"cat": 4, "dog": 4})
    (pets / "cat" / "loop.jpg").symlink_to("loop.jpg")

    assert refusals(imports.report(SOURCE)) == {"pets/cat/loop.jpg": "unreadable"}


@pytest.fixture
def deep(imports: Imports) -> Iterator[Path]:
    """A folder of a class in which folders lie within folders."""
    folder = imports.folder / "pets" / "cat"
    folder.mkdir(parents=True)
    before = os.open(folder, os.O_RDONLY)
    for _ in range(2500):
        os.mkdir("d", dir_fd=before)
        inside = os.open("d", os.O_RDONLY, dir_fd=before)
        os.close(before)
        before = inside
    os.close(before)
    yield folder
    # pytest would go as deep as Python can, and complain.
    subprocess.run(["rm", "-rf", str(folder)], check=True)


def test_folders_may_lie_deeper_than_python_calls_itself(imports: Imports, deep: Path) -> None:
    fill(deep.parent, {"cat": 4, "dog": 4})

    report = imports.report(SOURCE)

    assert (report["total"], [one["code"] for one in report["refused"]]) == (8, ["unreadable"])


def test_more_files_than_a_dataset_has_are_not_all_listed() -> None:
    listed: list[Refused] = []

    def walk() -> Iterator[Refused]:
        while True:
            listed.append(refused("x", NoLabel()))
            yield listed[-1]

    with pytest.raises(TooManyPictures, match="at most 7 pictures; the source has more"):
        list(at_most(walk(), 7))
    assert len(listed) == 8
