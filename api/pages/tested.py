"""The page behind a cell of the confusion matrix: the test pictures of a class, of an answer, or of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from api.dataset_items import items_of
from api.pages.format import cut, number, plural
from api.pages.render import page
from api.pages.words import Trouble
from api.services import services
from api.version_answers import Answer, answers_of
from shared.datasets import DatasetManifest, DatasetStore
from shared.datasets.corrections import Correction, Corrections
from shared.errors import DatasetNotFound, DatasetVersionNotFound, VersionCorrupt
from shared.jobs.model import Json
from shared.registry import Manifest

blueprint = Blueprint("pages_tested", __name__)
# Browsers fetch them as they come into view; more make a page nobody scrolls to the end of.
EACH = 48
# Up to this many pixels a picture is drawn larger with its pixels as they are, and not blurred.
TINY = 96


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


@dataclass(frozen=True)
class Asked:
    """Which pictures are asked for.

    Attributes:
        true, said: what they are, and what they were called; empty is any.
        least, below: the answer's score is at least this, and under that; None is any.
    """

    true: str = ""
    said: str = ""
    least: float | None = None
    below: float | None = None

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Asked:
        """Returns what a query asks for; scores that are none are left out."""
        return cls(query.get("is", ""), query.get("said", ""), _score(query, "least"), _score(query, "below"))

    def fits(self, answer: Answer, labels: Sequence[str]) -> bool:
        """Says whether an answer is among those asked for."""
        return (
            self.true in ("", labels[answer.true])
            and self.said in ("", labels[answer.said])
            and (self.least is None or answer.score >= self.least)
            and (self.below is None or answer.score < self.below)
        )

    @property
    def sureness(self) -> str:
        """How sure the answers are, to be added to a title."""
        least = f", at least {cut(self.least)} sure" if self.least is not None else ""
        return least + (f", less than {cut(self.below)} sure" if self.below is not None else "")


def pictures_href(
    manifest: Manifest,
    true: str = "",
    said: str = "",
    start: int = 0,
    *,
    least: float | None = None,
    below: float | None = None,
) -> str:
    """Returns the address of the page of the pictures that are `true` and were called `said`, as `Asked` says."""
    asked = {"is": true, "said": said, "least": least, "below": below, "from": start or ""}
    query = urlencode({name: value for name, value in asked.items() if value not in ("", None)})
    return f"/models/{manifest.name}/{manifest.version}/pictures" + (f"?{query}" if query else "")


def picture_href(manifest: Manifest, index: int) -> str:
    """Returns the address of a picture of a version's dataset."""
    return f"/api/v1/datasets/{manifest.dataset.name}/versions/{manifest.dataset.version}/pictures/{index}"


def is_tiny(item: Json) -> bool:
    """Says whether a picture has so few pixels that they are drawn larger, as they are."""
    return max(int(item.get(side, TINY + 1)) for side in ("width", "height")) <= TINY


@blueprint.get("/models/<name>/<int:version>/pictures")
def pictures_page(name: str, version: int) -> Response:
    """Shows the test pictures of a class, of an answer, or of both."""
    return shown_pictures(services().registry.manifest(name, version))


def shown_pictures(manifest: Manifest, trouble: Trouble | None = None, status: int = 200) -> Response:
    """Returns the page that the query asks for.

    Args:
        trouble: what was wrong with a form that was sent from it.
    """
    asked = Asked.of(request.args)
    start = max(0, request.args.get("from", 0, type=int))
    answers = answers_of(services().registry, manifest)
    labels = manifest.labels
    found = sorted((one for one in answers or () if asked.fits(one, labels)), key=lambda answer: answer.order)
    dataset = _dataset(manifest)
    shown = found[start : start + EACH]
    following = start + EACH
    return page(
        "tested.html",
        http_status=status,
        trouble=trouble,
        manifest=manifest,
        title=_title(len(found), f"{manifest.name} v{manifest.version}", asked.true, asked.said) + asked.sureness,
        kept=answers is not None,
        there=dataset is not None,
        pictures=_shown(shown, manifest, dataset),
        asked=asked,
        here=_href(manifest, asked, start),
        span=f"{number(start + 1)} to {number(start + len(shown))} of {plural(len(found), 'picture')}",
        earlier=_href(manifest, asked, max(0, start - EACH)) if start else "",
        more=_href(manifest, asked, following) if len(found) > following else "",
    )


def _href(manifest: Manifest, asked: Asked, start: int) -> str:
    return pictures_href(manifest, asked.true, asked.said, start, least=asked.least, below=asked.below)


def _score(query: Mapping[str, str], name: str) -> float | None:
    try:
        found = float(query.get(name, ""))
    except ValueError:
        return None
    return found if 0 <= found <= 1 else None


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
