"""Sends a folder in small batches, several at a time.

What has arrived is asked for, so that after a lost connection, a killed server or a killed program only what is missing
is sent.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from loupe.bodies import Form, Part
from loupe.errors import ApiError, NotFound
from loupe.folder import LocalFile, digest, listed, planned
from loupe.parallel import in_order
from loupe.request import Request
from loupe.resource import Resource, path
from loupe.state_file import read_state, write_state
from loupe.types import Job, Sent, Upload

AT_ONCE = 3
OnProgress = Callable[[Sent], None]
Batches = Sequence[Sequence[LocalFile]]


class Uploads(Resource):
    """Folders on their way to the server."""

    def send_folder(
        self,
        name: str,
        folder: Path,
        options: Mapping[str, Any],
        memory: Path | None = None,
        on_progress: OnProgress | None = None,
    ) -> Job:
        """Sends a folder as dataset `name`, and returns the import's job at once. Otherwise as `import_files`."""
        files = listed(folder)
        batches = planned(files)
        asked = {"name": name, **options}
        mark = digest(json.dumps([self._transport.settings.url, asked], sort_keys=True), files)
        upload = self._earlier(memory, mark) or self._begin({**asked, "batches": len(batches)}, memory, mark)
        upload = self._send(upload, batches, on_progress or (lambda _: None))
        job = self._post(path("uploads", upload.id, "finish"), Job.read)
        if memory is not None:
            with suppress(OSError):
                memory.unlink()
        return job

    def _earlier(self, memory: Path | None, mark: str) -> Upload | None:
        """Returns the upload that was not finished; what was begun of the folder as it no longer is goes."""
        known = read_state(memory) if memory is not None else None
        if known is None or "id" not in known:
            return None
        where = path("uploads", known["id"])
        if known.get("mark") == mark:
            with suppress(NotFound):
                return self._get(where, Upload.read)
        else:
            with suppress(ApiError):
                self._delete(where)
        return None

    def _begin(self, asked: Mapping[str, Any], memory: Path | None, mark: str) -> Upload:
        upload = self._post(path("uploads"), Upload.read, asked)
        if memory is not None:
            # Where nothing can be written it is sent all the same; only a program that is killed begins anew.
            with suppress(OSError):
                memory.parent.mkdir(parents=True, exist_ok=True)
                write_state(memory, {"id": upload.id, "mark": mark})
        return upload

    def _send(self, upload: Upload, batches: Batches, on_progress: OnProgress) -> Upload:
        """Sends what is missing, and tells how far it is: first what is there already, then with each batch."""
        sent = _arrived(upload, batches)
        on_progress(sent)
        while upload.missing:
            for batch in in_order(partial(self._send_batch, upload, batches), upload.missing, AT_ONCE):
                sent = _with(sent, batch, upload)
                on_progress(sent)
            upload = self._get(path("uploads", upload.id), Upload.read)
        return upload

    def _send_batch(self, upload: Upload, batches: Batches, number: int) -> Sequence[LocalFile]:
        batch = batches[number]
        large = [{"file": file.name, "bytes": file.size} for file in batch if file.size > upload.max_file_bytes]
        parts = [Part("file", file.name, file.path) for file in batch if file.size <= upload.max_file_bytes]
        form = Form({"skipped": json.dumps(large)}, parts)
        self._transport.send(Request("PUT", path("uploads", upload.id, "batches", number), body=form))
        return batch


def _arrived(upload: Upload, batches: Batches) -> Sent:
    total = sum(map(len, batches))
    if upload.missing_count > len(upload.missing):
        # Of very many missing ones only the first are named.
        return Sent(upload.files, total, upload.bytes)
    missing, sent = set(upload.missing), Sent(0, total, 0)
    for number, batch in enumerate(batches):
        sent = sent if number in missing else _with(sent, batch, upload)
    return sent


def _with(sent: Sent, batch: Sequence[LocalFile], upload: Upload) -> Sent:
    fits = [file.size for file in batch if file.size <= upload.max_file_bytes]
    return replace(
        sent,
        files=sent.files + len(batch),
        bytes=sent.bytes + sum(fits),
        too_large=sent.too_large + len(batch) - len(fits),
    )
