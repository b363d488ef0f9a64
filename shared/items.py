"""The outcome of one picture, as clients see it, and what a chunk of them adds up to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from shared.errors import ItemError
from shared.fetch.urls import redact
from shared.jobs.model import Json, Outcome, Status

# Every item has all three; None for a step it did not come to.
NO_TIMINGS: dict[str, float | None] = {"fetch_ms": None, "decode_ms": None, "predict_ms": None}


@dataclass(frozen=True)
class ItemInput:
    """One picture to classify: a URL, or an upload in storage.

    Attributes:
        id: the caller's own id, given back untouched.
        upload: where in storage the bytes lie.
        repeats: how many later items of the list have the same URL, and so this item's outcome.
    """

    index: int = 0
    id: str | None = None
    url: str | None = None
    filename: str | None = None
    upload: str | None = None
    repeats: int = 0

    @classmethod
    def of(cls, fields: Json) -> ItemInput:
        """Reads what a unit's payload or a line of a chunk's input says."""
        return cls(
            **{name: fields.get(name) for name in ("id", "url", "filename", "upload")},
            index=fields.get("index", 0),
            repeats=fields.get("repeats", 0),
        )


@dataclass(frozen=True)
class Prediction:
    """A label and its probability."""

    label: str
    score: float


def succeeded(
    item: ItemInput,
    *,
    predictions: Sequence[Prediction],
    model: Json,
    timings: Mapping[str, float | None],
    threshold: float | None,
) -> Json:
    """Returns the item of a classified picture.

    Args:
        predictions: the best labels, best first.
        timings: milliseconds of `fetch_ms`, `decode_ms`, `predict_ms`.
    """
    best = predictions[0]
    return _item(
        item,
        status="succeeded",
        label=best.label,
        score=_rounded(best.score),
        predictions=[{"label": p.label, "score": _rounded(p.score)} for p in predictions],
        below_threshold=threshold is not None and best.score < threshold,
        model=model,
        timings=_milliseconds(timings),
    )


def failed(
    item: ItemInput,
    error: ItemError,
    *,
    model: Json | None = None,
    timings: Mapping[str, float | None] = MappingProxyType({}),
) -> Json:
    """Returns the item of a picture that could not be classified."""
    return _item(
        item,
        status="failed",
        model=model,
        timings=_milliseconds(timings),
        error={"code": error.code, "message": error.message},
    )


def canceled(item: ItemInput) -> Json:
    """Returns the item of a picture whose list was canceled before its turn came."""
    return _item(item, status="canceled")


def single_outcome(item: Json) -> Outcome:
    """Returns how a single job ends: its result is the item, its error the item's."""
    lost = item["status"] == "failed"
    return Outcome(
        done=1,
        failed=int(lost),
        status=Status.FAILED if lost else Status.SUCCEEDED,
        result=item,
        error=item["error"],
        labels=_labels([item]),
        errors=_errors([item]),
    )


def chunk_outcome(items: Sequence[Json], results: str | None) -> Outcome:
    """Returns what a chunk of a list came to. An item whose URL came again counts for its repeats, too.

    Args:
        results: where in storage the items were written.
    """
    return Outcome(
        done=sum(map(_times, items)),
        failed=sum(_times(item) for item in items if item["status"] == "failed"),
        results=results,
        labels=_labels(items),
        errors=_errors(items),
        below_threshold=sum(_times(item) for item in items if item["below_threshold"]),
    )


def _times(item: Json) -> int:
    return 1 + int(item.get("repeats", 0))


def _labels(items: Sequence[Json]) -> Counter[str]:
    return _counted((item["label"], _times(item)) for item in items if item["label"] is not None)


def _errors(items: Sequence[Json]) -> Counter[str]:
    return _counted((item["error"]["code"], _times(item)) for item in items if item["error"])


def _counted(pairs: Iterable[tuple[str, int]]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for name, times in pairs:
        counts[name] += times
    return counts


def _item(item: ItemInput, **outcome: Any) -> Json:
    # Only a chunk's lines say how often a URL came again; clients never see it.
    repeats = {"repeats": item.repeats} if item.repeats else {}
    return (
        {
            "index": item.index,
            "id": item.id,
            "url": redact(item.url) if item.url is not None else None,
            "filename": item.filename,
            "status": None,
            "label": None,
            "score": None,
            "predictions": [],
            "below_threshold": False,
            "model": None,
            "timings": NO_TIMINGS,
            "error": None,
        }
        | outcome
        | repeats
    )


def _milliseconds(timings: Mapping[str, float | None]) -> Json:
    return {name: round(value, 3) if value is not None else None for name, value in {**NO_TIMINGS, **timings}.items()}


def _rounded(score: float) -> float:
    """Six digits: more is noise of the arithmetic, fewer would make sure answers look certain."""
    return round(float(score), 6)
