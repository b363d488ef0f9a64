"""What the import of a model trained elsewhere is asked for. Goes to the child process as JSON."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from shared.preprocess_spec import PreprocessSpec
from shared.registry import Dataset, Policy
from shared.schemas.base import Name
from shared.schemas.gate import Gate


class ModelImportSpec(BaseModel):
    """One import.

    Attributes:
        model: the name of the model that gets a version.
        version: its number, reserved by the caller.
        path: of a `.keras` file, below the import folder.
        labels: class names in the order of the model's outputs.
        input: how a picture becomes the model's input.
        dataset: on whose test side it is evaluated.
        promote, gate: by which rules it is judged.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    job_id: str
    model: Name
    version: int = Field(ge=1)
    path: str
    labels: list[str]
    input: PreprocessSpec
    dataset: Dataset
    promote: Policy = "if_better"
    gate: Gate = Gate()
    storage_url: str
    import_dir: str
