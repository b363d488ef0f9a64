"""Uploads of folders as clients ask for them and see them."""

from __future__ import annotations

from typing import Self

from pydantic import Field

from shared.schemas.base import Answer, Request, Time, rfc3339
from shared.schemas.dataset import ImportOptions
from shared.uploads import Upload


class UploadRequest(ImportOptions):
    """A folder that will be sent in batches."""

    batches: int = Field(ge=1, le=100_000, description="How many there will be. Each is stored whole or not at all.")


class SkippedFile(Request):
    """A file of a batch that was too large to send."""

    file: str
    bytes: int = Field(ge=0, lt=2**63)


class FinishRequest(Request):
    """A folder that has arrived is imported as it was begun; there is nothing to say."""


class UploadView(Answer):
    """How far an upload is."""

    id: str = Field(description="Also the id of the import that it becomes.")
    name: str
    batches: int
    missing: list[int] = Field(description="Batches that have not arrived, from 0 on; the first 1,000 of them.")
    missing_count: int
    files: int = Field(description="Files that have arrived.")
    bytes: int
    max_file_bytes: int = Field(description="Larger files are refused; a sender may leave them out and say so.")
    expires_at: Time | None = Field(description="When it is removed unless it was finished.")
    job: str | None = Field(description="The import's job, once it was finished.")
    links: dict[str, str]

    @classmethod
    def of(
        cls,
        upload: Upload,
        *,
        files: int,
        size: int,
        missing: list[int],
        missing_count: int,
        started: bool,
        max_file_bytes: int,
    ) -> Self:
        """Returns an upload as it is shown."""
        own = f"/api/v1/uploads/{upload.id}"
        return cls(
            id=upload.id,
            name=str(upload.options["name"]),
            batches=upload.batches,
            missing=missing,
            missing_count=missing_count,
            files=files,
            bytes=size,
            max_file_bytes=max_file_bytes,
            expires_at=rfc3339(upload.expires_at),
            job=upload.id if started else None,
            links={"self": own, "batch": f"{own}/batches/{{number}}", "finish": f"{own}/finish"},
        )


class BatchView(Answer):
    """A batch that is there."""

    number: int
    files: int
    bytes: int
