"""How fast an import is beside a bare loop that only decodes and hashes, and how much memory it takes.

Draws pictures into a temporary folder, then times both in turn, so that whatever else the machine does hurts both:

    python -m benchmarks.import_speed [--count 20000] [--rounds 3]

An import has to reach 60 % of the bare loop and to stay below 300 MB.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from hashlib import sha256
from pathlib import Path
from statistics import median

from shared.imaging import decode
from shared.imaging.opencv import cv2
from shared.schemas.source import DirectorySource
from trainer.datasets.shapes import LABELS, Shapes
from trainer.importing.examine import LEAST_SIDE
from trainer.importing.run import run_import
from trainer.importing.spec import ImportSpec

MOST_PIXELS = 50_000_000
LEAST_SHARE, MOST_MB = 0.6, 300
CHUNK = 64


def main() -> int:
    """Prints the figures; the exit status is 1 where they are not good enough."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="loupe-bench-") as folder:
        files = draw(Path(folder, "import", "pictures"), asked.count)
        bare, imports = [], []
        for number in range(asked.rounds):
            bare.append(timed(partial(decode_and_hash, files)))
            imports.append(timed(partial(imported, Path(folder), f"round-{number}", asked.count)))
    return told(asked.count, median(bare), median(imports))


def draw(folder: Path, count: int) -> list[Path]:
    """Writes drawn pictures as JPEG, a folder for each class, and returns their paths."""
    shapes = Shapes(count, 0)

    def write(index: int) -> Path:
        path = folder / LABELS[index % len(LABELS)] / f"{index:06d}.jpg"
        picture, _ = shapes.read(index)
        path.write_bytes(cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))[1].tobytes())
        return path

    for label in LABELS:
        (folder / label).mkdir(parents=True)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(write, range(count)))


def decode_and_hash(files: list[Path]) -> None:
    """Reads, hashes and decodes every file by the function that serving uses, in as many threads as there are cores."""

    def chunk(start: int) -> None:
        for path in files[start : start + CHUNK]:
            data = path.read_bytes()
            sha256(data).digest()
            decode(data, max_pixels=MOST_PIXELS, min_side=LEAST_SIDE)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(chunk, range(0, len(files), CHUNK)))


def imported(folder: Path, name: str, count: int) -> None:
    """Imports the pictures, in a process of its own as always, its start included."""
    spec = ImportSpec(
        job_id="benchmark",
        name=name,
        source=DirectorySource(type="directory", path="pictures"),
        storage_url=str(folder / "storage"),
        import_dir=str(folder / "import"),
        scratch_dir=str(folder / "scratch"),
    )
    report = run_import(spec, on_event=lambda _: None, wish=lambda: "")["report"]
    # A few drawings may be the same to the last bit.
    assert report["total"] + report["duplicates"] == count, report


def timed(work: Callable[[], None]) -> float:
    """Returns how many seconds the work takes."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def told(count: int, bare_s: float, import_s: float) -> int:
    """Prints what was measured and returns the exit status."""
    # The largest of the children, in KiB on Linux and in bytes on macOS.
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)
    share = bare_s / import_s
    print(f"{count:,} pictures of 128 x 128, {os.cpu_count()} cores, medians")
    print(f"decode and hash  {bare_s:7.2f} s  {count / bare_s:8,.0f} a second")
    print(f"import           {import_s:7.2f} s  {count / import_s:8,.0f} a second")
    print(f"share            {share:7.0%}    at least {LEAST_SHARE:.0%} is expected")
    print(f"peak memory      {peak:7.0f} MB  at most {MOST_MB} MB is expected")
    return 0 if share >= LEAST_SHARE and peak <= MOST_MB else 1


if __name__ == "__main__":
    raise SystemExit(main())
