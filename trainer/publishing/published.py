"""Whether a job's version is there already: an attempt may be lost right after publishing."""

from __future__ import annotations

from collections.abc import Callable

from shared.errors import ModelNotFound, VersionExists, VersionNotFound
from shared.registry import Manifest, Registry


def published_by(registry: Registry, name: str, version: int, job_id: str) -> Manifest | None:
    """Returns the manifest of a version that this job published, None if there is none yet.

    Raises:
        VersionExists: another job published this version.
    """
    try:
        manifest = registry.manifest(name, version)
    except (ModelNotFound, VersionNotFound):
        return None
    if manifest.job_id != job_id:
        raise VersionExists(f"{name} version {version} was published by the job {manifest.job_id}.")
    return manifest


def published_once(
    registry: Registry, name: str, version: int, job_id: str, make: Callable[[], object]
) -> Manifest | None:
    """Has a job's version made, unless it is there already.

    Args:
        make: publishes it.

    Returns:
        Its manifest; None if `make` published nothing.

    Raises:
        VersionExists: another job published this version, or it was deleted.
    """
    if found := published_by(registry, name, version, job_id):
        return found
    try:
        make()
    except VersionExists:
        # By an attempt of this job that was held to be dead and stood still, maybe.
        if found := published_by(registry, name, version, job_id):
            return found
        raise
    return published_by(registry, name, version, job_id)
