"""The source `archive`: an uploaded .zip or .tar.gz with a folder per class."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Protocol

from shared.datasets.report import Refused
from shared.errors import BadSource, NoLabel, SourceNotFound
from shared.schemas.source import ArchiveSource
from trainer.datasets.archives.member import Member, common_folder
from trainer.datasets.archives.tar_archive import TarArchive
from trainer.datasets.archives.zip_archive import ZipArchive
from trainer.datasets.source import (
    Candidate,
    Content,
    Context,
    Source,
    candidate_of,
    label_problem,
    refused,
    shown,
    sources,
)

ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06")
GZIP_START = b"\x1f\x8b"


class Opened(Protocol):
    """An archive of either kind."""

    @property
    def members(self) -> Sequence[Member]:
        """Everything in it, in its order."""
        ...

    def contents(self, wanted: Sequence[int]) -> Iterator[tuple[int, Content | None]]:
        """Yields the places of members, each with its content, or None where it is to be read by itself."""
        ...

    def read(self, place: int) -> bytes:
        """Returns the content of a member that came without it."""
        ...


@sources.register("archive")
def archive(asked: ArchiveSource, context: Context) -> Source:
    """Lists what is in the archive.

    Raises:
        SourceNotFound: the upload is gone.
        BadSource: it is of another kind, or damaged.
        ArchiveTooLarge: it has too many files, or would unpack to too many bytes.
    """
    context.fetching()
    try:
        path = context.storage.local_path(asked.upload)
    except FileNotFoundError:
        raise SourceNotFound("The uploaded archive is gone. Send it again.") from None
    return Archive(_opened(path, context))


class Archive:
    """The pictures of an archive, in its own order."""

    ordered = False

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        members = [member for member in opened.members if not member.clutter and member.parts]
        self._skipped = common_folder([member for member in members if member.wrong is None])
        self._members = {member.place: member for member in members if not member.folder or member.wrong}
        folders = {self._label(member) for member in members if member.folder and member.wrong is None}
        # One whose name is too long is refused with each picture in it.
        self.classes = tuple(sorted(label for label in folders if label is not None and not label_problem(label)))

    def __len__(self) -> int:
        return len(self._members)

    def __iter__(self) -> Iterator[Candidate | Refused]:
        wanted = []
        for place, member in self._members.items():
            wrong = member.wrong or (None if self._label(member) else NoLabel("This lies in no class folder."))
            if wrong:
                yield refused(shown(member.name), wrong)
            else:
                wanted.append(place)
        for place, content in self._opened.contents(wanted):
            file, label = shown(self._members[place].name), self._label(self._members[place]) or ""
            if content is None:
                yield Candidate(file, label, partial(self._opened.read, place))
            else:
                yield candidate_of(file, label, content)

    def _label(self, member: Member) -> str | None:
        folders = member.parts if member.folder else member.parts[:-1]
        return shown(folders[self._skipped]) if len(folders) > self._skipped else None


def _opened(path: Path, context: Context) -> Opened:
    with path.open("rb") as file:
        start = file.read(4)
    if start in ZIP_STARTS:
        return ZipArchive(path, context.max_bytes, context.max_files)
    if start[:2] == GZIP_START:
        return TarArchive(path, context.max_bytes, context.max_files)
    raise BadSource("A .zip or .tar.gz archive is expected; this begins as neither.")
