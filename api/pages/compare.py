"""The page of two versions of a model, picture by picture: what one broke and fixed that the other answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, request

from api.common_pictures import Common, Outcome, Pair, common_pictures
from api.dataset_items import items_of
from api.pages.inputs import natural
from api.pages.pager import Pager
from api.pages.render import page
from api.pages.tested_query import is_tiny, picture_href
from api.pages.versions import VersionRow, version_row, version_rows
from api.services import services
from api.side_by_side import counted
from shared.datasets import DatasetStore
from shared.errors import DatasetNotFound, DatasetVersionNotFound, VersionCorrupt, VersionNotFound
from shared.registry import Manifest, Served

blueprint = Blueprint("pages_compare", __name__)
SHOWN = (Outcome.BROKEN, Outcome.STILL_WRONG, Outcome.FIXED)
WORDS = {Outcome.BROKEN: "Broken", Outcome.STILL_WRONG: "Still wrong", Outcome.FIXED: "Fixed"}
# Classes that change most.
MOST_CLASSES = 12


@dataclass(frozen=True)
class Tab:
    """One kind of pictures to look at."""

    outcome: Outcome
    words: str
    count: int
    href: str


@dataclass(frozen=True)
class Shown:
    """A picture of the page; `href` is empty where its dataset was deleted."""

    pair: Pair
    href: str
    file: str
    tiny: bool


@dataclass(frozen=True)
class Asked:
    """What the page is asked for: two versions, one kind of pictures, a class ("" for all), and the first picture."""

    name: str
    chosen: int
    other: int
    outcome: Outcome
    label: str = ""
    start: int = 0

    def href(self, outcome: Outcome, label: str = "", start: int = 0) -> str:
        """Returns the address of another part of the same comparison."""
        query: dict[str, object] = {"new": self.chosen, "old": self.other, "show": outcome.value}
        query |= ({"is": label} if label else {}) | ({"from": start} if start else {})
        return f"/models/{self.name}/compare?{urlencode(query)}"


@blueprint.get("/models/<name>/compare")
def compare_page(name: str) -> Response:
    """Shows what differs between two versions, or lets one choose them."""
    registry = services().registry
    served = registry.readable_served(name)
    rows = version_rows(name, served)
    asked = _asked(name, rows, served)
    chosen, other = (version_row(registry, name, number, served) for number in (asked.chosen, asked.other))
    common = None
    if asked.chosen != asked.other:
        common = common_pictures(registry, DatasetStore(services().storage), chosen.manifest, other.manifest)
    return page("compare.html", name=name, rows=rows[::-1], chosen=chosen, other=other, **_found(asked, chosen, common))


def _asked(name: str, rows: Sequence[VersionRow], served: Served | None) -> Asked:
    """Returns what the query asks for: by default the newest version beside the one that answers, or the one before.

    Raises:
        VersionNotFound: what is given can be no version.
    """
    newest = rows[-1].version
    before = served.version if served and served.version != newest else rows[max(0, len(rows) - 2)].version
    outcome = request.args.get("show", "")
    return Asked(
        name,
        _version("new", newest),
        _version("old", before),
        Outcome(outcome) if outcome in SHOWN else Outcome.BROKEN,
        request.args.get("is", ""),
        max(0, request.args.get("from", 0, type=int)),
    )


def _version(field: str, default: int) -> int:
    text = request.args.get(field, "")
    found = natural(text) if text else default
    if found is None:
        raise VersionNotFound(f"A version is a number, such as 2; received {text[:40]!r} in `{field}`.")
    return found


def _found(asked: Asked, chosen: VersionRow, common: Common | None) -> dict[str, Any]:
    """Returns what the template shows of the pictures."""
    if common is None or not common.pairs:
        return {"common": common, "compared": None}
    compared = counted(common.pairs)
    of_class = [pair for pair in common.pairs if asked.label in ("", pair.true)]
    found = sorted((pair for pair in of_class if pair.outcome is asked.outcome), key=lambda pair: pair.order)
    pager = Pager(asked.start, len(found), lambda first: asked.href(asked.outcome, asked.label, first))
    return {
        "common": common,
        "compared": compared,
        "asked": asked,
        "outcomes": {kind.value: kind for kind in SHOWN},
        "classes": sorted(compared.classes, key=lambda one: one.gain)[:MOST_CLASSES],
        "tabs": [
            Tab(kind, WORDS[kind], sum(pair.outcome is kind for pair in of_class), asked.href(kind, asked.label))
            for kind in SHOWN
        ],
        "pictures": _shown(pager.shown(found), chosen.manifest),
        "words": WORDS[asked.outcome],
        "pager": pager,
    }


def _shown(pairs: Sequence[Pair], manifest: Manifest) -> list[Shown]:
    store, dataset = DatasetStore(services().storage), manifest.dataset
    try:
        items = items_of(store, dataset.name, dataset.version, [pair.index for pair in pairs])
    except (DatasetNotFound, DatasetVersionNotFound):
        return [Shown(pair, "", "", tiny=False) for pair in pairs]
    except VersionCorrupt:
        # The pictures can be seen without what was written down about them.
        items = {}
    return [
        Shown(pair, picture_href(manifest, pair.index), item.get("file", ""), tiny=is_tiny(item))
        for pair in pairs
        for item in (items.get(pair.index, {}),)
    ]
