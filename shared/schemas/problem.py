"""Errors as clients see them: RFC 9457 problem details."""

from __future__ import annotations

from pydantic import Field

from shared.schemas.base import Answer


class CodedError(Answer):
    """Why a job, an item or a try failed."""

    code: str
    message: str


class ProblemField(Answer):
    """One wrong field or query value."""

    field: str = Field(description="The field's name; within lists and objects a dotted path such as `items.3.url`.")
    message: str


class Problem(Answer):
    """Every error of the API."""

    type: str = Field(description="Where the documentation explains the code.", examples=["/docs#job_not_found"])
    title: str
    status: int
    detail: str = Field(description="What was expected, what came, what to do.")
    code: str = Field(description="Stable; programs look at this.", examples=["job_not_found"])
    errors: list[ProblemField]
