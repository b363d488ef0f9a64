"""Two versions compared, as the API shows it."""

from __future__ import annotations

from api.common_pictures import Common, Outcome, Pair, common_pictures
from api.dataset_views import picture_path
from api.services import Services
from api.side_by_side import counted
from shared.datasets import DatasetStore
from shared.errors import NoAnswers
from shared.registry import Manifest
from shared.schemas.model import ComparedPicture, CompareQuery, CompareView

DEFAULT_LIMIT = 100


def compare_view(services: Services, name: str, version: int, query: CompareQuery) -> CompareView:
    """Returns two versions side by side and a page of the pictures that the query asks for.

    Raises:
        ModelNotFound, VersionNotFound: there is no such version.
        NoAnswers: it is not known what one of them said.
        VersionCorrupt: files of a version or of its dataset are damaged.
    """
    registry = services.registry
    chosen, other = registry.manifest(name, version), registry.manifest(name, query.beside)
    common = common_pictures(registry, DatasetStore(services.storage), chosen, other)
    if common is None:
        raise NoAnswers(
            f"Versions {version} and {query.beside} of {name} cannot be compared: one was made before the answer to"
            " each picture was kept, or its dataset was deleted."
        )
    return _view(common, chosen, other, query)


def _view(common: Common, chosen: Manifest, other: Manifest, query: CompareQuery) -> CompareView:
    counts = counted(common.pairs) if common.pairs else None
    wanted = sorted(
        (pair for pair in common.pairs if pair.outcome is Outcome(query.outcome)), key=lambda one: one.order
    )
    start = int(query.cursor or 0)
    end = start + query.limit
    return CompareView(
        version=chosen.version,
        beside=other.version,
        compared=len(common.pairs),
        accuracy=counts.chosen if counts else None,
        beside_accuracy=counts.served if counts else None,
        broken=(counts.broken or 0) if counts else 0,
        still_wrong=(counts.still_wrong or 0) if counts else 0,
        fixed=(counts.fixed or 0) if counts else 0,
        only_version=common.only_chosen,
        only_beside=common.only_other,
        relabelled=common.relabelled,
        items=[_picture(pair, chosen) for pair in wanted[start:end]],
        next_cursor=str(end) if len(wanted) > end else None,
    )


def _picture(pair: Pair, manifest: Manifest) -> ComparedPicture:
    dataset = manifest.dataset
    return ComparedPicture(
        index=pair.index,
        true=pair.true,
        said=pair.said,
        score=pair.score,
        beside_said=pair.other_said,
        beside_score=pair.other_score,
        links={"picture": picture_path(dataset.name, dataset.version, pair.index)},
    )
