"""Whether unfinished work needs a version of a model."""

from __future__ import annotations

from api.services import Services
from api.unfinished import unfinished
from shared.errors import InUse
from shared.jobs.model import Kind


def check_version_unused(services: Services, name: str, version: int) -> None:
    """Refuses to part with a version that is still to answer.

    A single picture without a version in its request needs none: it is answered by whatever is served.

    Raises:
        InUse: by a classification that has not ended.
    """
    wanted = {"name": name, "version": version}
    job = next((job for job in unfinished(services.jobs, Kind.CLASSIFICATION) if job.spec.get("model") == wanted), None)
    if job is not None:
        raise InUse(
            f"The classification {job.id} asks version {version} of {name!r} and has not ended."
            " Cancel it, or wait for its end."
        )
