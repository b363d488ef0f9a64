from __future__ import annotations

from pathlib import Path

import pytest

from shared.datasets.paths import check_paths, found, inside
from shared.errors import PathNotAllowed, SourceNotFound
from shared.schemas.source import DirectorySource, IdxSource


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "import"
    (folder / "pets" / "cat").mkdir(parents=True)
    (folder / "in").symlink_to(folder / "pets")
    (folder / "out").symlink_to(tmp_path)
    (folder / "loop").symlink_to(folder / "loop")
    (tmp_path / "import-more").mkdir()
    return folder


@pytest.mark.parametrize("path", ["pets", "pets/cat", "in/cat", ".", "pets/./cat/", "nowhere/at/all", "..."])
def test_a_path_in_the_import_folder_is_allowed(folder: Path, path: str) -> None:
    assert inside(folder, path).is_relative_to(folder)


@pytest.mark.parametrize(
    "path",
    [
        "/etc/passwd",
        "//etc",
        "..",
        "../import/pets",
        "../import-more",
        "pets/../pets",
        "pets/..",
        "out",
        "out/import/../secret",
        "out/import-more",
        "pets\0",
        "\udfff",
    ],
)
def test_a_path_that_leads_out_is_not_allowed(folder: Path, path: str) -> None:
    with pytest.raises(PathNotAllowed) as raised:
        inside(folder, path)
    raised.value.message.encode("ascii")


def test_a_link_to_the_import_folder_itself_is_followed(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(folder)
    assert inside(tmp_path / "link", "pets") == folder / "pets"


def test_what_is_not_there_is_named(folder: Path) -> None:
    assert found(folder, "pets") == folder / "pets"
    for path in ("nowhere", "loop"):
        with pytest.raises((SourceNotFound, PathNotAllowed), match=path):
            found(folder, path)


def test_every_path_of_a_source_is_checked(folder: Path) -> None:
    source = IdxSource(
        type="idx", images="/images", labels="pets", test=DirectorySource(type="directory", path="../secret")
    )
    with pytest.raises(PathNotAllowed) as raised:
        check_paths(folder, source)
    assert [error.field for error in raised.value.errors] == ["source.images", "source.test.path"]
    check_paths(folder, DirectorySource(type="directory", path="nowhere"))
