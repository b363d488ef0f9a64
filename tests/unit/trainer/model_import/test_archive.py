"""A file that says it is a Keras model is looked at before Keras sees it."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from shared.errors import ModelRefused
from trainer.model_import.archive import EXPECTED, check_archive


def archive(path: Path, files: dict[str, bytes]) -> Path:
    """Writes a zip of these files."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
        for name, data in files.items():
            opened.writestr(name, data)
    return path


def test_the_three_files_of_a_model_are_taken(tmp_path: Path) -> None:
    check_archive(archive(tmp_path / "good.keras", dict.fromkeys(EXPECTED, b"{}")))


@pytest.mark.parametrize("data", [b"", b"\x89HDF\r\n\x1a\n" + bytes(100), b"PK\x03\x04broken", b"text"])
def test_what_is_no_archive_is_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "bad.keras"
    path.write_bytes(data)
    with pytest.raises(ModelRefused, match=r"Expected a \.keras file"):
        check_archive(path)


@pytest.mark.parametrize(
    "names",
    [
        (),
        ("config.json",),
        (*EXPECTED, "assets/vocabulary.txt"),
        (*EXPECTED, "../evil.py"),
        ("config.json", "metadata.json", "model.weights.npz"),
        ("Config.json", "metadata.json", "model.weights.h5"),
    ],
)
def test_other_files_than_a_models_are_refused_and_listed(tmp_path: Path, names: tuple[str, ...]) -> None:
    with pytest.raises(ModelRefused, match="in it, received one with"):
        check_archive(archive(tmp_path / "odd.keras", dict.fromkeys(names, b"")))


def test_a_bomb_is_refused_by_its_table_of_contents(tmp_path: Path) -> None:
    files = {**dict.fromkeys(EXPECTED, b"{}"), "metadata.json": bytes(2 * 2**20)}
    with pytest.raises(ModelRefused, match=r"at most 1048576 bytes in metadata\.json, received 2097152"):
        check_archive(archive(tmp_path / "bomb.keras", files))
