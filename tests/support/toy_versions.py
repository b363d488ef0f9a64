"""Dataset versions as an import leaves them in storage, for tests that train and do not import."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import numpy as np
from numpy.typing import NDArray

from shared.datasets import DatasetManifest, Report
from shared.datasets.layout import INDEX, ITEMS, MANIFEST, REPORT, file_path, newest_path, pack_name
from shared.datasets.manifest import Newest, SideCounts
from shared.imaging.opencv import cv2
from shared.registry import FileRecord
from shared.storage import Storage
from tests.support.toy_datasets import toy_report

# One of each class's pictures in so many is on the test side.
EVERY = 5


def toy_version(
    storage: Storage,
    name: str = "pets",
    counts: Mapping[str, int] | None = None,
    *,
    side: int = 24,
    report: Report | None = None,
) -> DatasetManifest:
    """Writes a dataset of drawn pictures, each class with a colour of its own, and returns its manifest.

    Args:
        counts: pictures of each class; 20 cats and 20 dogs when not given.
        side: of the pictures, in pixels.
        report: of the import that never was.
    """
    counts = counts or {"cat": 20, "dog": 20}
    names = list(counts)
    drawn = [(label, i, png(label, i, side)) for label, count in enumerate(counts.values()) for i in range(count)]
    pictures = [data for _, _, data in drawn]
    labels = np.array([label for label, _, _ in drawn], np.int64)
    split = np.array([i % EVERY == 0 for _, i, _ in drawn], np.uint8)
    hashes = [sha256(data).digest() for data in pictures]
    content = sha256(b"".join(hashes) + labels.tobytes()).hexdigest()
    files = {
        pack_name(0): b"".join(pictures),
        INDEX: _index(pictures, labels, split, hashes),
        ITEMS: b"".join(_item(names[label], i, digest) for digest, (label, i, _) in zip(hashes, drawn, strict=True)),
        REPORT: (report or toy_report()).model_dump_json().encode(),
    }
    sides = {
        class_name: SideCounts(
            train=int(((labels == label) & (split == 0)).sum()), test=int(((labels == label) & (split == 1)).sum())
        )
        for label, class_name in enumerate(counts)
    }
    manifest = DatasetManifest(
        name=name,
        version=content[:12],
        content=content,
        created_at=datetime.now(UTC),
        job_id="019ae000-0000-7000-8000-000000000000",
        source={"type": "directory", "path": name},
        test_fraction=1 / EVERY,
        seed=0,
        classes=list(counts),
        counts=sides,
        files={file: FileRecord(sha256=sha256(data).hexdigest(), bytes=len(data)) for file, data in files.items()},
    )
    _write(storage, manifest, files)
    return manifest


def _item(label: str, index: int, digest: bytes) -> bytes:
    return json.dumps({"file": f"{label}/{index:03d}.png", "label": label, "sha256": digest.hex()}).encode() + b"\n"


def png(label: int, index: int, side: int) -> bytes:
    """Returns a picture of a class: a bright square on a dark, grainy ground, in the class's own channel and corner."""
    rng = np.random.default_rng((label, index))
    picture = rng.integers(0, 90, (side, side, 3)).astype(np.uint8)
    half = side // 2
    top, left = (label % 2) * half, (label // 2 % 2) * half
    picture[top : top + half, left : left + half, label % 3] = rng.integers(170, 256)
    return bytes(cv2.imencode(".png", picture)[1].tobytes())


def _index(pictures: list[bytes], labels: NDArray[np.int64], split: NDArray[np.uint8], hashes: list[bytes]) -> bytes:
    lengths = np.array([len(data) for data in pictures])
    arrays: dict[str, Any] = {
        "pack": np.zeros(len(pictures), np.int64),
        "offset": np.cumsum(lengths) - lengths,
        "length": lengths,
        "label": labels,
        "split": split,
        "sha256": np.frombuffer(b"".join(hashes), np.uint8).reshape(-1, 32),
    }
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def _write(storage: Storage, manifest: DatasetManifest, files: Mapping[str, bytes]) -> None:
    for file, data in files.items():
        storage.write_bytes(file_path(manifest.name, manifest.version, file), data)
    storage.write_bytes(file_path(manifest.name, manifest.version, MANIFEST), manifest.model_dump_json().encode())
    newest = Newest(
        version=manifest.version,
        imported_at=manifest.created_at,
        source=manifest.source,
        test_fraction=manifest.test_fraction,
        seed=manifest.seed,
    )
    storage.write_bytes(newest_path(manifest.name), json.dumps(newest.model_dump(mode="json")).encode())
