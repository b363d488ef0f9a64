"""The page behind a cell of the confusion matrix: the test pictures of a class, of an answer, or of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Blueprint, Response, request

from api.dataset_items import items_of
from api.pages.format import plural
from api.pages.pager import Pager
from api.pages.render import page
from api.pages.tested_query import Asked, is_tiny, picture_href
from api.pages.versions import ShownVersion
from api.pages.words import Trouble
from api.services import services
from api.version_answers import Answer, answers_of
from shared.datasets import DatasetManifest, DatasetStore
from shared.datasets.corrections import Correction, Corrections
from shared.errors import DatasetNotFound, DatasetVersionNotFound, VersionCorrupt
from shared.jobs.model import Json
from shared.registry import Manifest

blueprint = Blueprint("pages_tested", __name__)


@dataclass(frozen=True)
class Shown:
    """A picture of the page.

    Attributes:
        file: where the import found it; may be unknown.
        correction: what somebody said of it.
    """

    answer: Answer
    true: str
    said: str
    href: str
    file: str
    tiny: bool
    correction: Correction | None

    @property
    def right(self) -> bool:
        """Whether the answer is right."""
        return self.true == self.said


@blueprint.get("/models/<name>/<int:version>/pictures")
def pictures_page(name: str, version: int) -> Response:
    """Shows the test pictures of a class, of an answer, or of both."""
    return shown_pictures(services().registry.manifest(name, version))


def shown_pictures(manifest: Manifest, trouble: Trouble | None = None, status: int = 200) -> Response:
    """Returns the page that the query asks for.

    Args:
        trouble: what was wrong with a form that was sent from it.
    """
    asked, version = Asked.of(request.args), ShownVersion(manifest)
    start = max(0, request.args.get("from", 0, type=int))
    answers = answers_of(services().registry, manifest)
    labels = manifest.labels
    found = sorted((one for one in answers or () if asked.fits(one, labels)), key=lambda answer: answer.order)
    dataset = _dataset(manifest)
    pager = Pager(start, len(found), lambda first: asked.href(manifest, first))
    return page(
        "tested.html",
        http_status=status,
        trouble=trouble,
        manifest=manifest,
        version=version,
        title=_title(len(found), version.title, asked.true, asked.said) + asked.sureness,
        kept=answers is not None,
        there=dataset is not None,
        pictures=_shown(pager.shown(found), manifest, dataset),
        asked=asked,
        here=asked.href(manifest, start),
        pager=pager,
    )


def _title(count: int, who: str, true: str, said: str) -> str:
    if true and true == said:
        return f"{plural(count, 'picture')} of {true} that {who} recognised"
    if true and said:
        return f"{plural(count, 'picture')} of {true} that {who} took for {said}"
    if true:
        return f"{plural(count, 'picture')} of {true}, and what {who} said"
    if said:
        return f"{plural(count, 'picture')} that {who} called {said}"
    return f"{plural(count, 'picture')} that {who} was tested on"


def _dataset(manifest: Manifest) -> DatasetManifest | None:
    """Returns the dataset version that the pictures are in, None if it was deleted."""
    try:
        return DatasetStore(services().storage).manifest(manifest.dataset.name, manifest.dataset.version)
    except (DatasetNotFound, DatasetVersionNotFound):
        return None


def _shown(answers: Sequence[Answer], manifest: Manifest, dataset: DatasetManifest | None) -> list[Shown]:
    labels = manifest.labels
    items = _items(dataset, [one.index for one in answers]) if dataset else {}
    kept = Corrections(services().storage, manifest.dataset.name)
    corrected = kept.hashes()
    return [
        Shown(
            one,
            labels[one.true],
            labels[one.said],
            picture_href(manifest, one.index),
            items.get(one.index, {}).get("file", ""),
            is_tiny(items.get(one.index, {})),
            kept.get(digest) if (digest := items.get(one.index, {}).get("sha256")) in corrected else None,
        )
        for one in answers
    ]


def _items(dataset: DatasetManifest, places: Sequence[int]) -> Mapping[int, Json]:
    """Returns what the import wrote down about pictures. They can be seen without it, should it be damaged."""
    try:
        return items_of(DatasetStore(services().storage), dataset.name, dataset.version, places)
    except VersionCorrupt:
        return {}
