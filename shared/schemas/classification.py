"""What a classification is asked with."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import ConfigDict, Field, StringConstraints, WithJsonSchema, field_validator, model_validator
from pydantic_core import PydanticCustomError, from_json

from shared.schemas.base import Answer, Request, Share
from shared.schemas.job import VersionRef
from shared.schemas.problem import CodedError, ProblemField
from shared.schemas.webhook import WebhookRequest

MAX_URL_CHARACTERS = 8192
WAYS = ("url", "urls", "items")

Url = Annotated[str, StringConstraints(min_length=1, max_length=MAX_URL_CHARACTERS)]
# A model's name, or with @ one of its versions.
ModelRef = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}(@[0-9]{1,18})?$")]


class Options(Request):
    """How to classify; the same for every way of giving pictures."""

    model: ModelRef | None = Field(
        default=None,
        description="A model's name, or `name@3` for one of its versions. "
        "Without it `LOUPE_DEFAULT_MODEL` answers, else the only served model.",
    )
    top_k: int = Field(
        default=5, ge=1, le=2**31 - 1, description="How many classes to answer with; cut to the number of classes."
    )
    threshold: Share | None = Field(default=None, description="Answers with a lower score are marked, not dropped.")
    max_failure_rate: Share | None = Field(
        default=None, description="When more than this share of a list fails, the whole job fails."
    )
    webhook: WebhookRequest | None = Field(default=None, description="Who is told when the job has ended.")


class TextOptions(Options):
    """The options as texts, in a form or a query: a webhook is its URL, or the object in JSON."""

    webhook: Annotated[WebhookRequest | None, WithJsonSchema({"type": ["string", "null"]})] = Field(
        default=None, description="The URL that is told when the job has ended."
    )

    @field_validator("webhook", mode="before")
    @classmethod
    def _webhook_of_text(cls, value: Any) -> Any:
        if not isinstance(value, str):
            return value
        return from_json(value) if value.startswith("{") else {"url": value}


class CheckQuery(Request):
    """Whether this is a dry run."""

    check: bool = Field(default=False, description="1: read and count everything, create nothing, say what is wrong.")


class ClassificationQuery(TextOptions, CheckQuery):
    """The options of a body that has no room for them: CSV, text and NDJSON."""


class CheckLimits(Answer):
    """What is taken at most, and how much of it is taken."""

    max_items: int
    max_queued_items: int
    queued_items: int = Field(description="Items of all jobs that have no outcome yet.")


class ClassificationCheck(Answer):
    """What a classification would come to; nothing was fetched or created."""

    accepted: bool = Field(description="Whether the same request without `check` would be accepted now.")
    single: bool
    items: int = Field(description="All that came, wrong ones included.")
    distinct: int = Field(description="Different URLs, or pictures: so many are worked on.")
    repeats: int = Field(description="Items with the URL of one before them, whose outcome they get.")
    model: VersionRef | None = Field(description="Which version would answer; null when none can be chosen.")
    limits: CheckLimits
    problems: list[CodedError] = Field(description="Why the whole would be refused, beside wrong lines.")
    errors: list[ProblemField] = Field(description="The first 100 wrong lines or items.")
    errors_total: int


class ListItem(Request):
    """One picture of a list, with an id of the caller's own that comes back with its outcome."""

    id: str | None = Field(default=None, max_length=1024)
    url: Url


def _one_way(schema: dict[str, Any]) -> None:
    schema["oneOf"] = [{"required": [way]} for way in WAYS]


class ClassificationRequest(Options):
    """Exactly one of `url`, `urls` and `items`, and how to classify."""

    model_config = ConfigDict(json_schema_extra=_one_way)

    url: Url | None = Field(default=None, description="One picture: a single job.")
    urls: list[Url] | None = Field(default=None, min_length=1, description="Many pictures: a list job.")
    items: list[ListItem] | None = Field(default=None, min_length=1, description="Many pictures with ids.")

    @field_validator(*WAYS, mode="before")
    @classmethod
    def _given_is_not_null(cls, value: Any) -> Any:
        # A way may be left out; null is a mistake in that field, and not a body without pictures.
        if value is None:
            raise PydanticCustomError("null", "A value is expected, or leave the field out")
        return value

    @model_validator(mode="after")
    def _exactly_one_way(self) -> ClassificationRequest:
        given = [way for way in WAYS if getattr(self, way) is not None]
        if len(given) != 1:
            received = " and ".join(given) or "none of them"
            raise PydanticCustomError(
                "one_way", "Exactly one of url, urls and items is expected, received {received}", {"received": received}
            )
        return self
