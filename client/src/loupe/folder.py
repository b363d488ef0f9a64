"""Pictures in a folder: which files they are, and how they travel."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

# What Loupe decodes. It looks at the content; here the name has to do.
SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".avif", ".tif", ".tiff"})


def pictures_in(folder: Path) -> Iterator[Path]:
    """Yields the pictures at any depth below a folder, by name; hidden files and folders are left alone."""
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            yield from pictures_in(entry)
        elif entry.suffix.lower() in SUFFIXES:
            yield entry


def pack(folder: Path, archive: Path) -> int:
    """Writes the pictures of all direct subfolders into a .zip, as they are, and returns how many they are."""
    count = 0
    # Pictures do not get smaller, so they are stored.
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED, strict_timestamps=False) as target:
        for picture in pictures_in(folder):
            name = picture.relative_to(folder)
            if len(name.parts) > 1:
                target.write(picture, name.as_posix())
                count += 1
    return count
