"""The source `idx`: the file format of MNIST (http://yann.lecun.com/exdb/mnist), gzipped or not."""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np

from shared.datasets.paths import found
from shared.errors import BadSource, TooManyPictures
from shared.schemas.source import IdxSource
from trainer.datasets.numbers import label_name
from trainer.datasets.source import MOST_PICTURES, Candidate, Context, Source, candidate_of, sources

# Two zero bytes, the type of the numbers (8: unsigned bytes) and how many dimensions they have.
IMAGES_MAGIC, LABELS_MAGIC = 0x00000803, 0x00000801
GZIP_MAGIC = b"\x1f\x8b"
LONGEST_SIDE = 4096


@sources.register("idx")
def idx(asked: IdxSource, context: Context) -> Source:
    """Reads the headers of both files, and the labels.

    Raises:
        PathNotAllowed, SourceNotFound: a file is not there.
        BadSource: a file is none of this format, cut off, or they do not belong together.
        TooManyPictures: there are more than a million.
    """
    images, labels = (found(context.import_dir, path) for path in (asked.images, asked.labels))
    with _opened(images, asked.images) as file:
        count, height, width = _header(file, asked.images, IMAGES_MAGIC, 3)
    if not (0 < height <= LONGEST_SIDE and 0 < width <= LONGEST_SIDE):
        raise BadSource(f"{asked.images}: a side has 1 to {LONGEST_SIDE} pixels, received {width} x {height}.")
    with _opened(labels, asked.labels) as file:
        (label_count,) = _header(file, asked.labels, LABELS_MAGIC, 1)
        if count != label_count:
            raise BadSource(f"{asked.images} has {count} pictures and {asked.labels} has {label_count} labels.")
        if count > MOST_PICTURES:
            # Before the labels are read: packed, gigabytes of them are a small file.
            raise TooManyPictures(f"A dataset has at most {MOST_PICTURES:,} pictures; the source has {count:,}.")
        return Idx(asked, images, _exactly(file, count, asked.labels), height, width)


@dataclass(frozen=True)
class Idx:
    """The pictures of two files."""

    asked: IdxSource
    images: Path
    labels: bytes
    height: int
    width: int
    ordered: bool = True

    @property
    def classes(self) -> tuple[str, ...]:
        """The names given; without them, what numbers there are."""
        return tuple(self.asked.names or ())

    def __len__(self) -> int:
        return len(self.labels)

    def __iter__(self) -> Iterator[Candidate]:
        """Yields the pictures.

        Raises:
            BadSource: the file of pictures is cut off.
            LabelOutOfRange: a label has no name.
        """
        name = self.asked.images
        with _opened(self.images, name) as file:
            _header(file, name, IMAGES_MAGIC, 3)
            for place, label in enumerate(self.labels):
                label_of = label_name(label, self.asked.names, f"{self.asked.labels}, label {place}")
                data = _exactly(file, self.height * self.width, name)
                pixels = np.frombuffer(data, np.uint8).reshape(self.height, self.width)
                yield candidate_of(f"{name}:{place}", label_of, pixels)


@contextmanager
def _opened(path: Path, name: str) -> Iterator[BinaryIO]:
    if not path.is_file():
        raise BadSource(f"{name!r} is no plain file. An IDX file is expected.")
    with path.open("rb") as raw:
        zipped = raw.read(2) == GZIP_MAGIC
        raw.seek(0)
        try:
            yield cast(BinaryIO, gzip.GzipFile(fileobj=raw)) if zipped else raw
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise BadSource(f"{name} is cut off or damaged: {error}.") from None


def _header(file: BinaryIO, name: str, magic: int, dimensions: int) -> tuple[int, ...]:
    (received,) = struct.unpack(">I", _exactly(file, 4, name))
    if received != magic:
        raise BadSource(f"{name}: an IDX file begins with {magic:#010x} here, received {received:#010x}.")
    return struct.unpack(f">{dimensions}I", _exactly(file, 4 * dimensions, name))


def _exactly(file: BinaryIO, count: int, name: str) -> bytes:
    pieces = []
    while count and (piece := file.read(min(count, 1024 * 1024))):
        pieces.append(piece)
        count -= len(piece)
    if count:
        raise BadSource(f"{name} is cut off: {count} more bytes are expected.")
    return b"".join(pieces)
