"""The client: `loupe.Client()` and what can be asked of it."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from loupe.bodies import FileBody, json_body
from loupe.datasets import Datasets
from loupe.errors import ConfigurationError, ItemFailed
from loupe.jobs import Jobs
from loupe.models import Models
from loupe.pictures import Picture, single_body
from loupe.request import Request
from loupe.resource import LONGEST_WAIT_S, path, reader, start
from loupe.schedules import Schedules
from loupe.settings import load_settings
from loupe.trainings import Trainings
from loupe.transport import Transport
from loupe.types import Item, Job, Readiness

LIST_TYPES = {
    ".csv": "text/csv",
    ".txt": "text/plain",
    ".ndjson": "application/x-ndjson",
    ".jsonl": "application/x-ndjson",
}


class Client:
    """Talks to one Loupe over HTTP. May be used by several threads, and as a context manager.

        with loupe.Client() as client:
            print(client.classify("cat.jpg").label)

    Args:
        url: LOUPE_URL when not given, else http://127.0.0.1:8000.
        api_key: LOUPE_API_KEY when not given.
        timeout_s: for silence of the server.
        retry_for_s: for so long what fails for a while (429, 503, a broken connection) is tried again.

    Attributes:
        jobs, datasets, trainings, models, schedules: what there is of each, and what can be done with it.

    Raises:
        ConfigurationError: the URL or the key cannot be used.
    """

    def __init__(
        self,
        url: str | None = None,
        api_key: str | None = None,
        *,
        timeout_s: float = 30.0,
        retry_for_s: float = 60.0,
    ) -> None:
        self.settings = load_settings(url, api_key)
        self._transport = Transport(self.settings, timeout_s=timeout_s, retry_for_s=retry_for_s)
        self.jobs = Jobs(self._transport)
        self.datasets = Datasets(self._transport)
        self.trainings = Trainings(self._transport)
        self.models = Models(self._transport)
        self.schedules = Schedules(self._transport)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes all connections."""
        self._transport.close()

    def classify(self, picture: Picture, *, timeout_s: float | None = None, **options: Any) -> Item:
        """Classifies one picture and returns its outcome.

        Args:
            picture: an address, a file's path, or a picture's bytes.
            options: `model`, `top_k` and `threshold`, as the API takes them.

        Raises:
            ItemFailed: it cannot be classified; `code` says why.
            StillRunning: it has no outcome after `timeout_s`.
            LoupeError: the server refuses, or cannot be reached.
        """
        job = self.classify_job(picture, timeout_s=timeout_s, **options)
        if job.error is not None:
            raise ItemFailed(job.error.code, job.error.message)
        if job.result is None:
            raise ItemFailed("canceled", "The job was canceled.")
        return reader(Item.read)(job.result)

    def classify_job(self, picture: Picture, *, timeout_s: float | None = None, **options: Any) -> Job:
        """Classifies one picture and returns its job at its end: of a failed one as well. Otherwise as `classify`."""
        body = single_body(picture, _given(options))
        hold_s = LONGEST_WAIT_S if timeout_s is None else max(1, min(LONGEST_WAIT_S, int(timeout_s)))
        job = start(self._transport, path("classifications"), body, wait_s=hold_s)
        return job if job.ended else self.jobs.wait(job, None if timeout_s is None else max(0, timeout_s - hold_s))

    def classify_urls(self, urls: Iterable[str], *, key: str | None = None, **options: Any) -> Job:
        """Starts a list job and returns it at once; `jobs.wait` and `jobs.results` go on from there.

        Args:
            key: an Idempotency-Key, for a program that may be killed and started again.
            options: `model`, `top_k`, `threshold`, `max_failure_rate`, `webhook`.
        """
        body = json_body({"urls": list(urls), **_given(options)})
        return start(self._transport, path("classifications"), body, key=key)

    def classify_list(
        self, file: str | PathLike[str], *, content_type: str | None = None, key: str | None = None, **options: Any
    ) -> Job:
        """Starts a list job of a .csv (a column url), .txt (a URL a line) or .ndjson file, sent as it is read.

        Raises:
            ConfigurationError: the name does not say what the file is, and `content_type` does neither.
        """
        kind = content_type or LIST_TYPES.get(Path(file).suffix.lower())
        if kind is None:
            raise ConfigurationError(f"Expected a list as .csv, .txt or .ndjson, received {str(file)!r}.")
        body = FileBody(Path(file), kind)
        return start(self._transport, path("classifications"), body, key=key, query=_given(options))

    def ready(self) -> Readiness:
        """Returns what works and what does not; of a server that is not ready as well."""
        return reader(Readiness.read)(self._transport.json(Request("GET", "/readyz", expects=503)))


def _given(options: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}
