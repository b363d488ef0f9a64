"""What one import is asked for. Goes to the child process as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from pydantic import BaseModel, ConfigDict

from shared.datasets.manifest import Version
from shared.schemas.base import Name
from shared.schemas.dataset import Seed, TestFraction
from shared.schemas.source import AnySource

if TYPE_CHECKING:
    # The child process reads no settings, and importing them takes a tenth of a second.
    from shared.settings import Settings


class Fetching(BaseModel):
    """How URLs are fetched; see the settings of the same names."""

    model_config = ConfigDict(frozen=True)

    allow: tuple[str, ...] = ()
    timeout_s: float = 10
    per_host: int = 8


class ImportSpec(BaseModel):
    """One import.

    Attributes:
        corrected_from: a version of this dataset that is read instead of the source, to put corrections in force.
        scratch_dir: a folder of this machine where pictures wait until their version is known.
        max_files: the most files of an archive.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    job_id: str
    name: Name
    source: AnySource
    corrected_from: Version | None = None
    test_fraction: TestFraction = 0.2
    seed: Seed = 0
    storage_url: str
    import_dir: str
    scratch_dir: str
    max_image_bytes: int = 20 * 1024 * 1024
    max_image_pixels: int = 50_000_000
    max_files: int = 100_000
    fetching: Fetching = Fetching()

    @classmethod
    def of(
        cls,
        settings: Settings,
        *,
        job_id: str,
        name: str,
        source: object,
        corrected_from: str | None = None,
        test_fraction: float = 0.2,
        seed: int = 0,
    ) -> Self:
        """Returns the import of a source under these settings.

        Args:
            source: an object with `type`, as in the API's "Datasets".
        """
        return cls.model_validate(
            {
                "job_id": job_id,
                "name": name,
                "source": source,
                "corrected_from": corrected_from,
                "test_fraction": test_fraction,
                "seed": seed,
                "storage_url": settings.storage_url,
                "import_dir": str(settings.import_dir),
                "scratch_dir": str(settings.data_dir / "scratch"),
                "max_image_bytes": int(settings.max_image_bytes),
                "max_image_pixels": settings.max_image_pixels,
                "max_files": settings.max_items,
                "fetching": {
                    "allow": [str(network) for network in settings.fetch_allow],
                    "timeout_s": settings.fetch_timeout_s,
                    "per_host": settings.fetch_per_host,
                },
            }
        )
