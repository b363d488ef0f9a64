"""Folders of small pictures to import, and imports run right here, without a process of their own."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from shared.storage import Storage
from tests.support.pictures import encode, photo
from trainer.children.events import Events
from trainer.children.stop import StopFlag
from trainer.datasets.version import DatasetVersion, open_version
from trainer.importing.spec import Fetching, ImportSpec
from trainer.importing.work import import_dataset

Json = dict[str, Any]


def picture(seed: int) -> bytes:
    """Returns a small JPEG that is like no other."""
    return encode(".jpg", photo(seed=seed))


def fill(folder: Path, counts: Mapping[str, int], *, first: int = 0) -> None:
    """Writes pictures into a folder for each class, each picture different.

    Args:
        first: the seed of the first picture; the same seeds make the same pictures.
    """
    seed = first
    for name, count in counts.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            (folder / name / f"{number:03d}.jpg").write_bytes(picture(seed))
            seed += 1


class Imports:
    """Imports into a storage of a test's own.

    Attributes:
        folder: the import folder.
        said: what the last import said while it ran.
    """

    def __init__(self, root: Path) -> None:
        self.folder = root / "import"
        self.folder.mkdir(parents=True, exist_ok=True)
        self.storage_url = str(root / "storage")
        self.storage = Storage(self.storage_url)
        self._scratch = root / "scratch"
        self.said: list[Json] = []

    def spec(self, source: Json, name: str = "pets", **options: Any) -> ImportSpec:
        """Returns what an import is asked for."""
        fields = {
            "job_id": "019ae000-0000-7000-8000-000000000000",
            "name": name,
            "source": source,
            "storage_url": self.storage_url,
            "import_dir": str(self.folder),
            "scratch_dir": str(self._scratch),
            "fetching": Fetching(allow=("127.0.0.0/8",), timeout_s=2),
        }
        return ImportSpec.model_validate(fields | options)

    @property
    def progress(self) -> Json:
        """The last that was said of the last import's progress."""
        return [said for said in self.said if said["event"] == "progress"][-1]

    def run(self, source: Json, name: str = "pets", **options: Any) -> Json:
        """Imports, and returns the result."""
        heard = io.BytesIO()
        try:
            return import_dataset(self.spec(source, name, **options), Events(heard), StopFlag())
        finally:
            self.said = [json.loads(line) for line in heard.getvalue().splitlines()]

    def report(self, source: Json, name: str = "pets", **options: Any) -> Json:
        """Imports, and returns the report."""
        report: Json = self.run(source, name, **options)["report"]
        return report

    def version(self, name: str = "pets") -> DatasetVersion:
        """Opens the newest version."""
        return open_version(self.storage, name)


def refusals(report: Json) -> dict[str, str]:
    """Returns the code of each refused file."""
    return {line["file"]: line["code"] for line in report["refused"]}


def codes(report: Json) -> Sequence[str]:
    """Returns the codes of the refused files, sorted."""
    return sorted(line["code"] for line in report["refused"])
