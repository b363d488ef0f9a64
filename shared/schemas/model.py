"""Models and their versions as clients ask for them and see them."""

from __future__ import annotations

from collections import Counter
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints, field_validator

from shared.preprocess_spec import PreprocessSpec
from shared.registry import Policy
from shared.schemas.base import EMPTY_IS_NONE, Answer, PageQuery, Request, Time
from shared.schemas.gate import Gate
from shared.schemas.training import DatasetRef

VersionState = Literal["served", "previous", "ready", "failed_to_load"]

Label = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class PromoteRequest(Request):
    """The version that is to answer."""

    version: int = Field(ge=1, lt=2**31)


class ModelImportRequest(Request):
    """A model trained elsewhere."""

    path: str = Field(
        min_length=1, max_length=4096, description="A `.keras` file, relative to the import folder (LOUPE_IMPORT_DIR)."
    )
    labels: list[Label] = Field(
        min_length=2, max_length=10_000, description="Class names in the order of the model's outputs."
    )
    input: PreprocessSpec = Field(description="How a picture becomes the model's input.")
    dataset: DatasetRef = Field(description="On whose test side it is evaluated: a name, or `name@3f2a…`.")
    promote: Policy = Field(
        default="if_better", description="Whether it is served: by the gate, whatever the gate says, or not by itself."
    )
    gate: Gate = Field(default=Gate(), description="By which rules it replaces the served version.")

    @field_validator("path")
    @classmethod
    def _keras(cls, path: str) -> str:
        if not path.endswith(".keras"):
            raise ValueError("Expected the path of a .keras file; save the model again with model.save('….keras')")
        return path

    @field_validator("labels")
    @classmethod
    def _different(cls, labels: list[str]) -> list[str]:
        twice = [label for label, count in Counter(labels).items() if count > 1]
        if twice:
            raise ValueError(f"Expected each label once; given more often: {', '.join(twice[:5])}")
        return labels


class WorkerModel(Answer):
    """What a worker holds of a model."""

    id: str
    version: int
    state: str = Field(
        description="`ready`, `loading`, `failed_to_load`, or `unloaded`: loaded again when a picture comes for it."
    )
    serving: bool = Field(description="Whether it answers there, when a picture names no version.")
    engine: str | None = Field(default=None, description="What runs it there: onnx or keras; null if nothing does.")
    reason: str | None = Field(default=None, description="Why it could not be loaded, if it could not.")


class ModelView(Answer):
    """A model: which version answers, and which there are."""

    name: str
    served_version: int | None
    previous_version: int | None = Field(description="What answered before, the way back; null if it was deleted.")
    promoted_at: Time | None
    labels: list[str] = Field(description="The classes of the served version, else of the newest.")
    versions: list[int]
    workers: list[WorkerModel]


class ModelPage(Answer):
    """One page of the models, by name."""

    items: list[ModelView]
    next_cursor: str | None


class PeriodView(Answer):
    """How long a version answered."""

    version: int
    since: Time
    until: Time | None = Field(description="When another version took its place; null for the one that answers now.")
    refused: str | None = Field(description="Why no worker could load it, if the pointer went back for that.")


class HistoryPage(Answer):
    """Which versions of a model answered when, newest first."""

    items: list[PeriodView]
    next_cursor: str | None


class VersionView(Answer):
    """A version: its manifest, and what it is now."""

    model_config = ConfigDict(extra="allow")

    name: str
    version: int
    state: VersionState = Field(
        description="`served` answers now, `previous` did before, `failed_to_load` could be loaded by none of the"
        " workers that tried, now or when it was served last (`reason` says why), all others are `ready`."
    )
    reason: str | None
    labels: list[str]
    metrics: dict[str, Any]
    links: dict[str, str] = Field(description="The version's files, by name.")


class CompareQuery(PageQuery):
    """Which version another one is compared with, and which of their pictures are listed."""

    beside: int = Field(ge=1, lt=2**31, description="The other version, for example the one that answers.")
    outcome: Literal["broken", "still_wrong", "fixed"] = Field(
        default="broken",
        description="`broken`: only the other version was right; `fixed`: only this one is; `still_wrong`: neither.",
    )
    cursor: Annotated[Annotated[str, StringConstraints(pattern=r"^[0-9]{1,9}$")] | None, EMPTY_IS_NONE] = Field(
        default=None, description="`next_cursor` of the page before."
    )


class ComparedPicture(Answer):
    """A test picture and what two versions said; the surest wrong answers come first."""

    index: int = Field(description="Its place in this version's dataset version.")
    true: str
    said: str
    score: float
    beside_said: str
    beside_score: float
    links: dict[str, str]


class CompareView(Answer):
    """Two versions on the test pictures that both were asked about."""

    version: int
    beside: int
    compared: int
    accuracy: float | None = Field(description="Of this version on these pictures; null if there is none.")
    beside_accuracy: float | None
    broken: int
    still_wrong: int
    fixed: int
    only_version: int = Field(description="Test pictures that only this version was asked about, left out.")
    only_beside: int = Field(description="Those that only the other one was asked about, left out.")
    relabelled: int = Field(description="Those whose class was another one then, left out.")
    items: list[ComparedPicture]
    next_cursor: str | None
