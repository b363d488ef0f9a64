"""Corrections of single pictures as clients ask for them and see them."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from shared.schemas.base import EMPTY_IS_NONE, Answer, PageQuery, Request, Time


class CorrectionRequest(Request):
    """What a picture is."""

    label: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = Field(
        description="One of the dataset's classes; null leaves the picture out."
    )


class ApplyRequest(Request):
    """All corrections are applied; there is nothing to say."""


class CorrectionsQuery(PageQuery):
    """The query of the corrections of a dataset."""

    cursor: Annotated[Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None, EMPTY_IS_NONE] = Field(
        default=None, description="`next_cursor` of the page before."
    )


class CorrectionView(Answer):
    """What somebody said of a picture."""

    sha256: str
    file: str = Field(description="What the picture was called when it was corrected.")
    was: str
    label: str | None = Field(description="Its class from now on; null leaves it out.")
    at: Time | None


class PictureCorrection(Answer):
    """A picture after it was corrected."""

    correction: CorrectionView | None = Field(description="Null where the picture is of that class anyway.")


class CorrectionPage(Answer):
    """One page of the corrections of a dataset, by the hash of the picture."""

    items: list[CorrectionView]
    next_cursor: str | None
