"""What every benchmark needs around it: pictures on a web server, a published model, and Loupe when asked for."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.support.model import publish
from benchmarks.support.nginx import Nginx
from benchmarks.support.pictures import draw_pictures
from benchmarks.support.urls import picture_urls
from tests.support.loupe import RunningLoupe

# Two cores that TensorFlow warms up on, where the Keras engine answers.
READY_S = 120


class World:
    """A folder with all of it, as a context manager; gone at its end.

    Attributes:
        model: the folder with the version's files, `model.onnx` and `model.keras` among them.
        urls: endless URLs of the pictures, each of its own.
        base_url: of the pictures.
    """

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self.folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="loupe-bench-")))
            print("drawing the pictures and publishing the model …", flush=True)
            draw_pictures(self.folder / "pictures")
            self.model = publish(self.folder / "scratch", self.folder / "storage")
            nginx = stack.enter_context(Nginx(self.folder / "nginx", self.folder / "pictures"))
            self.base_url = nginx.base_url
            self.urls: Iterator[str] = picture_urls(nginx.base_url)
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def take(self, count: int) -> list[str]:
        """Returns the next URLs."""
        return [next(self.urls) for _ in range(count)]

    def loupe(self, **settings: str) -> RunningLoupe:
        """Returns a Loupe of its own that serves the model, not yet started. Use it as a context manager.

        Args:
            settings: by their names without `LOUPE_`, in small letters; the others are the defaults.
        """
        data = Path(tempfile.mkdtemp(dir=self.folder, prefix="loupe-")) / "var"
        shutil.copytree(self.folder / "storage", data / "storage")
        return RunningLoupe(data, {f"LOUPE_{name.upper()}": value for name, value in settings.items()})
