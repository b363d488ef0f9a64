"""The page behind a cell of the confusion matrix: the test pictures of a class, of an answer, or of both."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from api.pages.format import number, plural
from api.pages.render import page
from api.services import services
from api.version_answers import Answer, answers_of
from shared.datasets import DatasetManifest, DatasetStore
from shared.datasets.layout import ITEMS
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
    """A picture of the page; `file` is where the import found it, and may be unknown."""

    answer: Answer
    true: str
    said: str
    href: str
    file: str
    tiny: bool

    @property
    def right(self) -> bool:
        """Whether the answer is right."""
        return self.true == self.said


def pictures_href(manifest: Manifest, true: str = "", said: str = "", start: int = 0) -> str:
    """Returns the address of the page of the pictures that are `true` and were called `said`; empty is any."""
    asked = {"is": true, "said": said, "from": start or ""}
    query = urlencode({name: value for name, value in asked.items() if value})
    return f"/models/{manifest.name}/{manifest.version}/pictures" + (f"?{query}" if query else "")


@blueprint.get("/models/<name>/<int:version>/pictures")
def pictures_page(name: str, version: int) -> Response:
    """Shows the test pictures of a class, of an answer, or of both."""
    manifest = services().registry.manifest(name, version)
    true, said = request.args.get("is", ""), request.args.get("said", "")
    start = max(0, request.args.get("from", 0, type=int))
    answers = answers_of(services().registry, manifest)
    found = sorted(_matching(answers or (), manifest.labels, true, said), key=lambda answer: answer.order)
    dataset = _dataset(manifest)
    shown = found[start : start + EACH]
    following = start + EACH
    return page(
        "tested.html",
        manifest=manifest,
        title=_title(len(found), f"{name} v{version}", true, said),
        kept=answers is not None,
        there=dataset is not None,
        pictures=_shown(shown, manifest, dataset),
        # `true` is a word of Jinja's own.
        asked_is=true,
        asked_said=said,
        span=f"{number(start + 1)} to {number(start + len(shown))} of {plural(len(found), 'picture')}",
        earlier=pictures_href(manifest, true, said, max(0, start - EACH)) if start else "",
        more=pictures_href(manifest, true, said, following) if len(found) > following else "",
    )


def _matching(answers: Sequence[Answer], labels: Sequence[str], true: str, said: str) -> list[Answer]:
    return [one for one in answers if (not true or labels[one.true] == true) and (not said or labels[one.said] == said)]


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
    folder = f"/api/v1/datasets/{manifest.dataset.name}/versions/{manifest.dataset.version}/pictures"
    return [
        Shown(
            one,
            labels[one.true],
            labels[one.said],
            f"{folder}/{one.index}",
            items.get(one.index, {}).get("file", ""),
            max(items.get(one.index, {}).get(side, TINY + 1) for side in ("width", "height")) <= TINY,
        )
        for one in answers
    ]


def _items(dataset: DatasetManifest, places: Sequence[int]) -> Mapping[int, Json]:
    """Returns what the import wrote down about pictures. They can be seen without it, should it be damaged."""
    try:
        lines = DatasetStore(services().storage).file(dataset.name, dataset.version, ITEMS).split(b"\n")
    except VersionCorrupt:
        return {}
    return {place: json.loads(lines[place]) for place in places if place < len(lines) and lines[place]}
