from __future__ import annotations

import os
from pathlib import Path

import pytest

from loupe.errors import FileProblem
from loupe.folder import MOST_BYTES, LocalFile, digest, listed, pictures_in, planned


def files_of(count: int, size: int = 1) -> list[LocalFile]:
    return [LocalFile(Path(str(number)), f"cat/{number}", size, 0) for number in range(count)]


def test_all_files_of_a_folder_are_sent_but_what_a_computer_put_there(tmp_path: Path) -> None:
    left = (".hidden/3.jpg", "cat/.DS_Store", "__MACOSX/cat/1.jpg", "dog/Thumbs.db")
    for name in ("cat/1.jpg", "cat/deep/2.PNG", "dog/1.webp", "dog/notes.txt", "top.jpg", *left):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    (tmp_path / "dog" / "gone.jpg").symlink_to(tmp_path / "nowhere")
    Path(os.fsdecode(bytes(tmp_path) + b"/cat/\xff.jpg")).touch()

    files = listed(tmp_path)

    names = ["cat/1.jpg", "cat/deep/2.PNG", "cat/?.jpg", "dog/1.webp", "dog/notes.txt", "top.jpg"]
    assert [file.name for file in files] == names
    assert files[0].size == len("cat/1.jpg")
    assert "notes.txt" not in [path.name for path in pictures_in(tmp_path)]


def test_a_link_is_followed_unless_it_leads_back(tmp_path: Path) -> None:
    pets, elsewhere = tmp_path / "pets", tmp_path / "elsewhere"
    for name in (pets / "cat" / "1.jpg", elsewhere / "2.jpg"):
        name.parent.mkdir(parents=True)
        name.touch()
    aims = {"dog": elsewhere, "same": pets / "cat", "itself": pets, "above": tmp_path, "none": tmp_path / "nowhere"}
    for link, aim in aims.items():
        (pets / link).symlink_to(aim)
    (elsewhere / "back").symlink_to(pets)
    (elsewhere / "again").symlink_to(elsewhere)
    os.mkfifo(pets / "cat" / "pipe.jpg")

    assert [file.name for file in listed(pets)] == ["cat/1.jpg", "dog/2.jpg"]


def test_a_folder_without_classes_is_refused(tmp_path: Path) -> None:
    (tmp_path / "1.jpg").touch()

    with pytest.raises(FileProblem, match="each subfolder is a class"):
        listed(tmp_path)


@pytest.mark.parametrize(
    ("files", "batches", "longest"), [(1, 1, 1), (400, 400, 1), (10_000, 400, 25), (50_000, 500, 100)]
)
def test_a_batch_is_a_small_part_of_a_folder(files: int, batches: int, longest: int) -> None:
    plan = planned(files_of(files))

    assert (len(plan), max(map(len, plan))) == (batches, longest)
    assert [file for batch in plan for file in batch] == files_of(files)


def test_a_large_file_travels_alone() -> None:
    small, large = files_of(799), files_of(1, 2 * MOST_BYTES)

    plan = planned([small[0], *large, *small[1:]])

    assert plan[:3] == [small[:1], large, small[1:3]]


def test_a_folder_that_has_changed_is_another_one() -> None:
    first = files_of(3)
    changed = [*first[:2], LocalFile(first[2].path, first[2].name, first[2].size, 1)]

    assert digest("pets", first) == digest("pets", files_of(3))
    assert len({digest("pets", first), digest("pets", changed), digest("cars", first), digest("pets", first[:2])}) == 4
