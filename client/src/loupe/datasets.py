"""Datasets: import pictures, and look at what came of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from loupe.bodies import Form, Part, json_body
from loupe.pages import pages
from loupe.pictures import as_texts
from loupe.resource import Resource, path, start
from loupe.types import Dataset, Job
from loupe.uploads import OnProgress, Uploads


class Datasets(Resource):
    """Datasets of the server, as `client.datasets`."""

    def all(self) -> Iterator[Dataset]:
        """Yields the datasets by name."""
        return pages(self._transport, path("datasets"), Dataset.read)

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

    def import_files(
        self,
        name: str,
        files: str | PathLike[str],
        *,
        key: str | None = None,
        memory: str | PathLike[str] | None = None,
        on_progress: OnProgress | None = None,
        **options: Any,
    ) -> Job:
        """Sends a .zip or .tar.gz, or a folder with a subfolder for each class, and returns the import's job at once.

        A folder travels in small batches, of which those that have arrived are not sent again.

        Args:
            key: the Idempotency-Key of an archive.
            memory: a file that remembers the upload of a folder, so that a program that was killed goes on with it
                within a day. It goes when all has arrived.
            on_progress: told how far a folder is: first what has arrived before, then after every batch.
            options: `test_fraction` and `seed`.

        Raises:
            FileProblem: it is not there, cannot be read, or there is nothing in it.
        """
        found = Path(files)
        if found.is_dir():
            kept = Path(memory) if memory is not None else None
            return Uploads(self._transport).send_folder(name, found, options, kept, on_progress)
        form = Form({"name": name, **as_texts(options)}, [Part("archive", found.name, found)])
        return start(self._transport, path("datasets"), form, key=key)

    def delete(self, name: str) -> None:
        """Deletes a dataset with all its versions."""
        self._delete(path("datasets", name))
