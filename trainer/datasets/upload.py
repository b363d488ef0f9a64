"""The source `upload`: a folder that came in batches, with a folder for each class, or one folder around those."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from pathlib import PurePosixPath

from shared.datasets.report import Refused
from shared.errors import SourceNotFound, UploadNotFound
from shared.schemas.source import UploadSource
from shared.uploads import Uploads
from trainer.datasets.archive import Archive
from trainer.datasets.archives.member import Member
from trainer.datasets.archives.zip_archive import ZipArchive
from trainer.datasets.source import Candidate, Content, Context, Source, sources

# Batches that are open at a time; pictures are read in their order, a few batches at once.
OPEN = 16


@sources.register("upload")
def upload(asked: UploadSource, context: Context) -> Source:
    """Lists what has arrived.

    Raises:
        SourceNotFound: it is gone.
        BadSource: a batch is damaged.
    """
    upload_id = PurePosixPath(asked.upload).name
    try:
        refused = Uploads(context.storage).refused(upload_id)
        batches = Uploads(context.storage).arrived(upload_id)
    except UploadNotFound:
        batches, refused = {}, []
    if not batches:
        raise SourceNotFound("The uploaded folder is gone. Send it again.")
    files = [f"{asked.upload}/{batches[number].name}" for number in sorted(batches)]
    return UploadedFolder(Archive(Batches(files, context)), refused)


class UploadedFolder:
    """The pictures of a folder, and what was left behind as it came."""

    ordered = False

    def __init__(self, pictures: Archive, refused: Sequence[Refused]) -> None:
        self._pictures = pictures
        self._refused = refused
        self.classes = pictures.classes

    def __len__(self) -> int:
        return len(self._pictures) + len(self._refused)

    def __iter__(self) -> Iterator[Candidate | Refused]:
        yield from self._refused
        yield from self._pictures


class Batches:
    """Many small archives as one."""

    def __init__(self, files: Sequence[str], context: Context) -> None:
        self._files = files
        self._context = context
        self._open = lru_cache(maxsize=OPEN)(self._opened)
        self.members: list[Member] = []
        self._places: list[tuple[int, int]] = []
        for number in range(len(files)):
            context.fetching()
            for member in self._open(number).members:
                self._places.append((number, member.place))
                self.members.append(replace(member, place=len(self.members)))

    def contents(self, wanted: Sequence[int]) -> Iterator[tuple[int, Content | None]]:
        """Yields the places of the members that are wanted; None, because each may be read by itself."""
        for place in wanted:
            yield place, None

    def read(self, place: int) -> bytes:
        """Returns a member's content; see `ZipArchive.read`."""
        number, inside = self._places[place]
        return self._open(number).read(inside)

    def _opened(self, number: int) -> ZipArchive:
        try:
            path = self._context.storage.local_path(self._files[number])
        except FileNotFoundError:
            raise SourceNotFound("A part of the uploaded folder is gone. Send it again.") from None
        return ZipArchive(path, self._context.max_bytes, self._context.max_files)
