"""Shadow scoring: puts a version in shadow of the served one, says what came of it, and ends it."""

from __future__ import annotations

from api.services import Services
from shared.errors import AlreadyServed, NoModel, NoShadow
from shared.registry import Served, Shadow
from shared.schemas.base import rfc3339
from shared.schemas.shadow import ClassAgreementView, ShadowRequest, ShadowView
from shared.shadow import Agreements, Pair


def put_in_shadow(services: Services, name: str, asked: ShadowRequest) -> ShadowView:
    """Has a version answer copies of live pictures; whatever else was in shadow of the model is no more.

    Raises:
        ModelNotFound, VersionNotFound, VersionCorrupt: there is no such version, or its files are damaged.
        NoModel: nothing is served that it could be compared with.
        AlreadyServed: it is what is served.
        PointerBusy: the model's served pointer is being moved.
    """
    registry = services.registry
    registry.manifest(name, asked.version)
    with services.pointers.moving(name):
        served = registry.readable_served(name)
        if served is None:
            raise NoModel(
                f"No version of {name!r} is served, so there is nothing to compare version {asked.version} with."
            )
        if served.version == asked.version:
            raise AlreadyServed(f"Version {asked.version} of {name!r} is served. Name another one, to compare with it.")
        before = registry.shadow(name)
        shadow = registry.put_in_shadow(name, asked.version, asked.fraction)
    if before is None or before.version != asked.version:
        # It may have been in shadow long ago.
        Agreements(services.redis).forget(Pair(name, served.version, asked.version))
    return _view(services, name, served, shadow)


def shadow_of(services: Services, name: str) -> ShadowView:
    """Returns what is in shadow of a model.

    Raises:
        ModelNotFound: there is no such model.
        NoShadow: nothing is.
    """
    services.registry.known_versions(name)
    served, shadow = services.registry.readable_served(name), services.registry.shadow(name)
    if served is None or shadow is None or shadow.version == served.version:
        raise NoShadow(f"No version of {name!r} is in shadow.")
    return _view(services, name, served, shadow)


def end_shadow(services: Services, name: str) -> None:
    """Has nothing in shadow of a model any more, and forgets what was counted.

    Raises:
        ModelNotFound, NoShadow: as `shadow_of`.
        PointerBusy: the model's served pointer is being moved.
    """
    ended = shadow_of(services, name)
    with services.pointers.moving(name):
        services.registry.end_shadow(name, ended.version)
    Agreements(services.redis).forget(Pair(name, ended.served_version, ended.version))


def _view(services: Services, name: str, served: Served, shadow: Shadow) -> ShadowView:
    found = Agreements(services.redis).read(Pair(name, served.version, shadow.version))
    return ShadowView(
        version=shadow.version,
        fraction=shadow.fraction,
        since=rfc3339(shadow.since.timestamp()) or "",
        served_version=served.version,
        compared=found.compared,
        agreed=found.agreed,
        agreement=found.agreed / found.compared if found.compared else None,
        dropped=found.dropped,
        failed=found.failed,
        reason=found.reason,
        classes=[
            ClassAgreementView(
                label=one.label, compared=one.compared, agreed=one.agreed, agreement=one.agreed / one.compared
            )
            for one in found.classes
        ],
    )
