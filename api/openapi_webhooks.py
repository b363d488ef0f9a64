"""The events that webhooks are told, as OpenAPI has them."""

from __future__ import annotations

from typing import Any, get_args

from pydantic import BaseModel

from shared.schemas.event import JobEvent, JobEventType, PromotionEvent

EVENTS: dict[str, type[BaseModel]] = dict.fromkeys(get_args(JobEventType), JobEvent) | {
    "model.promoted": PromotionEvent
}
HEADERS = {
    "webhook-id": "The same in every try to tell an event.",
    "webhook-timestamp": "When this try was signed, in seconds since 1970.",
    "webhook-signature": "As Standard Webhooks say, with LOUPE_WEBHOOK_SECRET.",
}


def webhooks(ref: str) -> dict[str, Any]:
    """Returns every event.

    Args:
        ref: where the schema of a `{model}` is.
    """
    return {name: {"post": _event(model, ref)} for name, model in EVENTS.items()}


def _event(model: type[BaseModel], ref: str) -> dict[str, Any]:
    return {
        "summary": model.__doc__,
        "parameters": [
            {"name": name, "in": "header", "required": True, "description": said, "schema": {"type": "string"}}
            for name, said in HEADERS.items()
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": ref.format(model=model.__name__)}}},
        },
        "responses": {"2XX": {"description": "It was told. Any other answer, or none within 10 s, is tried again."}},
    }
