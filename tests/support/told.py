"""What a Loupe server would answer, for an `Origin` that plays one."""

from __future__ import annotations

import json
from typing import Any

from tests.support.exchange import Behaviour, Exchange
from tests.support.origins import answer, raw

Json = dict[str, Any]
JOB_ID = "01a1fee2-9797-7a71-b8ec-f61ea4a97f1d"


def told(value: Any, code: int = 200, **headers: str) -> Behaviour:
    """Answers with JSON and keeps the connection."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    body = json.dumps(value).encode()
    return raw(answer(body, code=code, content_type="application/json", headers=named), keep=True)


def problem(status: int, code: str, detail: str = "It is so.", **headers: str) -> Behaviour:
    """Answers with a problem document."""
    found = {"type": f"/docs#{code}", "title": "So it is", "status": status, "detail": detail, "code": code}
    return told({**found, "errors": []}, status, **headers)


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """Behaves as each of them once, and as the last one from then on."""
    left = list(behaviours)

    def behave(exchange: Exchange) -> bool | None:
        return (left.pop(0) if len(left) > 1 else left[0])(exchange)

    return behave


def item(**fields: Any) -> Json:
    """Returns an item: a cat, unless the fields say otherwise."""
    cat = {
        "index": 0,
        "id": None,
        "url": None,
        "filename": "cat.jpg",
        "status": "succeeded",
        "label": "cat",
        "score": 0.9,
        "predictions": [{"label": "cat", "score": 0.9}, {"label": "dog", "score": 0.1}],
        "below_threshold": False,
        "model": {"name": "pets", "version": 1},
        "timings": {"fetch_ms": 1.0, "decode_ms": 1.0, "predict_ms": 1.0},
        "error": None,
    }
    return cat | fields


def failed_item(code: str = "not_an_image") -> Json:
    """Returns the item of a picture that could not be classified."""
    error = {"code": code, "message": "These bytes are no picture."}
    return item(status="failed", label=None, score=None, predictions=[], error=error)


def job(status: str = "succeeded", *, done: int = 1, failed: int = 0, total: int = 1, **fields: Any) -> Json:
    """Returns a list job, unless the fields say otherwise."""
    ended = status in {"succeeded", "failed", "canceled"}
    made = {
        "id": JOB_ID,
        "kind": "classification",
        "single": False,
        "status": status,
        "created_at": "2026-03-01T14:02:10.250Z",
        "started_at": None,
        "finished_at": "2026-03-01T14:02:11.250Z" if ended else None,
        "attempt": 1,
        "progress": {"done": done, "failed": failed, "total": total},
        "result": None,
        "error": None,
        "links": {"self": f"/api/v1/jobs/{JOB_ID}"},
        "webhook": None,
    }
    return made | fields


def single(found: Json | None = None) -> Json:
    """Returns the job of one picture at its end."""
    found = found or item()
    failed = found["status"] == "failed"
    return job("failed" if failed else "succeeded", failed=int(failed), single=True, result=found, error=found["error"])


def page(*items: Json, following: str | None = None) -> Json:
    """Returns one page of a list."""
    return {"items": list(items), "next_cursor": following}


def model(name: str = "pets", served: int | None = 1) -> Json:
    """Returns a model."""
    return {
        "name": name,
        "served_version": served,
        "previous_version": None,
        "promoted_at": None,
        "labels": ["cat", "dog"],
        "versions": [1, 2],
        "workers": [],
    }


def readiness(*, ready: bool = True) -> Json:
    """Returns what `/readyz` says."""
    worker = {"ok": ready, "detail": "serving pets v1" if ready else "There is no model yet."}
    return {"ready": ready, "parts": {"redis": {"ok": True, "detail": ""}, "worker": worker}}
