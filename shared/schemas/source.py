"""Where a dataset's pictures come from: one schema a type of source."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, field_validator
from pydantic_core import PydanticCustomError

from shared.schemas.base import Request

LABEL = "{label}"

# Relative to `LOUPE_IMPORT_DIR`.
Path = Annotated[str, StringConstraints(min_length=1, max_length=4096)]
Side = Annotated[int, Field(ge=1, le=4096, description="Pixels.")]
ClassName = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class SourceBase(Request):
    """What every source may carry."""

    test: Source | None = Field(
        default=None, description="A second source, for a given split; `test_fraction` is then not used."
    )

    @field_validator("test")
    @classmethod
    def _no_test_of_a_test(cls, test: Source | None) -> Source | None:
        if test is not None and test.test is not None:
            raise PydanticCustomError("nested_test", "A test source without a test source of its own is expected")
        return test


class DirectorySource(SourceBase):
    """Each direct subfolder is a class, with pictures at any depth below."""

    type: Literal["directory"]
    path: Path


class FilenamesSource(SourceBase):
    """The class is in the file name."""

    type: Literal["filenames"]
    path: Path
    pattern: Annotated[str, StringConstraints(max_length=200)] = Field(
        description="The file name, with `{label}` for the class, the shortest match, `*` for anything and `?` for one "
        "character, as in `{label}.*`."
    )

    @field_validator("pattern")
    @classmethod
    def _one_label(cls, pattern: str) -> str:
        if pattern.count(LABEL) != 1 or "/" in pattern:
            raise PydanticCustomError("pattern", "A file name with {label} once is expected, as in {label}.*", None)
        if pattern.count("*") > 3:
            raise PydanticCustomError("pattern", "At most three * are expected")
        return pattern


class NamedSource(SourceBase):
    """Labels are numbers that stand for names."""

    names: list[ClassName] | None = Field(
        default=None,
        min_length=2,
        max_length=10_000,
        description="The class of label 0, 1 and so on; without them the numbers are the names.",
    )

    @field_validator("names")
    @classmethod
    def _no_name_twice(cls, names: list[str] | None) -> list[str] | None:
        if names is not None and len(set(names)) < len(names):
            raise PydanticCustomError("names", "Each name is expected once")
        return names


class PixelsCsvSource(NamedSource):
    """One picture a line: its label, then its grey pixels row by row, 0 to 255."""

    type: Literal["pixels-csv"]
    path: Path
    width: Side
    height: Side


class IdxSource(NamedSource):
    """The two files of an MNIST-like dataset, gzipped or not."""

    type: Literal["idx"]
    images: Path
    labels: Path


class UrlsSource(SourceBase):
    """A CSV file with the columns url, label and maybe split (train or test)."""

    type: Literal["urls"]
    path: Path


class GeneratedSource(SourceBase):
    """Pictures drawn on the spot, the same ones for the same seed."""

    type: Literal["generated"]
    name: Literal["shapes"]
    # Fewer could leave a side of the split without a class.
    count: int = Field(default=2000, ge=12, le=100_000)


class ArchiveSource(SourceBase):
    """An uploaded .zip or .tar.gz with a folder per class. Made by the API of a form, never sent as JSON."""

    type: Literal["archive"]
    upload: str
    filename: str


class UploadSource(SourceBase):
    """An uploaded folder with a folder per class. Made by the API of an upload, never sent as JSON."""

    type: Literal["upload"]
    upload: str
    filename: str


Source = Annotated[
    DirectorySource | FilenamesSource | PixelsCsvSource | IdxSource | UrlsSource | GeneratedSource,
    Field(discriminator="type"),
]
AnySource = Annotated[
    DirectorySource
    | FilenamesSource
    | PixelsCsvSource
    | IdxSource
    | UrlsSource
    | GeneratedSource
    | ArchiveSource
    | UploadSource,
    Field(discriminator="type"),
]
# What came with a request: it is gone once it is imported, so it cannot be imported again.
UPLOADED = ("archive", "upload")
TYPES = ("directory", "filenames", "pixels-csv", "idx", "urls", "generated")

for model in (
    DirectorySource,
    FilenamesSource,
    NamedSource,
    PixelsCsvSource,
    IdxSource,
    UrlsSource,
    GeneratedSource,
    ArchiveSource,
    UploadSource,
):
    model.model_rebuild()
