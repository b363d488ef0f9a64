"""Datasets: import pictures, and look at what came of it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from loupe.bodies import Form, Part, json_body
from loupe.errors import FileProblem
from loupe.folder import pack
from loupe.pages import pages
from loupe.pictures import as_texts
from loupe.resource import Resource, path, reader, start
from loupe.types import Dataset, Job


class Datasets(Resource):
    """Datasets of the server, as `client.datasets`."""

    def all(self) -> Iterator[Dataset]:
        """Yields the datasets by name."""
        return pages(self._transport, path("datasets"), reader(Dataset.read))

    def get(self, name: str) -> Dataset:
        """Returns a dataset.

        Raises:
            NotFound: there is none of this name.
        """
        return self._get(path("datasets", name), Dataset.read)

    def import_source(self, name: str, source: Mapping[str, Any], *, key: str | None = None, **options: Any) -> Job:
        """Starts an import of what the server can reach itself, and returns its job at once.

        Args:
            source: as the API takes it, such as `{"type": "directory", "path": "pets"}`.
            options: `test_fraction` and `seed`.
        """
        asked = {"name": name, "source": dict(source), **options}
        return start(self._transport, path("datasets"), json_body(asked), key=key)

    def import_files(self, name: str, files: str | PathLike[str], *, key: str | None = None, **options: Any) -> Job:
        """Sends a .zip or .tar.gz, or a folder with a subfolder for each class, and returns the import's job at once.

        Args:
            options: `test_fraction` and `seed`.

        Raises:
            FileProblem: it is not there, or there is no picture in it.
        """
        found = Path(files)
        if not found.is_dir():
            return self._send(name, found.name, found, options, key)
        with tempfile.TemporaryDirectory(prefix="loupe-") as folder:
            archive = Path(folder) / f"{name}.zip"
            if not pack(found, archive):
                raise FileProblem(f"There is no picture in a subfolder of {str(found)!r}; each subfolder is a class.")
            return self._send(name, archive.name, archive, options, key)

    def delete(self, name: str) -> None:
        """Deletes a dataset with all its versions."""
        self._delete(path("datasets", name))

    def _send(self, name: str, filename: str, archive: Path, options: Mapping[str, Any], key: str | None) -> Job:
        form = Form({"name": name, **as_texts(options)}, [Part("archive", filename, archive)])
        return start(self._transport, path("datasets"), form, key=key)
