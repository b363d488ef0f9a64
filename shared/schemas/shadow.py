"""Shadow scoring as clients ask for it and see it."""

from __future__ import annotations

from pydantic import Field

from shared.schemas.base import Answer, Request, Share, Time


class ShadowRequest(Request):
    """The version that is to answer copies of live pictures."""

    version: int = Field(ge=1, lt=2**31)
    fraction: Share = Field(
        description="The share of live pictures that it gets a copy of; each is drawn by itself and by chance."
    )


class ClassAgreementView(Answer):
    """The pictures that got one label from the served version."""

    label: str
    compared: int
    agreed: int
    agreement: float = Field(description="How many of them got it from the version in shadow as well, from 0 to 1.")


class ShadowView(Answer):
    """A version in shadow, and how far it agrees with the served one."""

    version: int
    fraction: float
    since: Time
    served_version: int = Field(description="What it is compared with. Another one begins with new counts.")
    compared: int = Field(description="Copies that it answered.")
    agreed: int
    agreement: float | None = Field(description="The share of them that got the same label, null before the first.")
    dropped: int = Field(description="Copies that were not scored, because it could not keep up.")
    failed: int = Field(description="Copies that it could not answer.")
    reason: str | None = Field(description="Why it could not answer the last of those.")
    classes: list[ClassAgreementView] = Field(description="By the served version's answer, the most frequent first.")
