from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from shared.preprocess_spec import PreprocessSpec


def test_a_spec_survives_json() -> None:
    spec = PreprocessSpec(width=64, height=48, color="grey", resize="pad", interpolation="linear", scale="-1..1")

    assert PreprocessSpec.model_validate_json(spec.model_dump_json()) == spec


def test_defaults_are_stretch_area_and_zero_to_one() -> None:
    spec = PreprocessSpec(width=64, height=48, color="rgb")

    assert (spec.resize, spec.interpolation, spec.scale, spec.channels) == ("stretch", "area", "0..1", 3)


@pytest.mark.parametrize(
    "wrong",
    [
        {"width": 0},
        {"height": 4097},
        {"color": "bgr"},
        {"resize": "fit"},
        {"interpolation": "cubic"},
        {"scale": "0..2"},
        {"depth": 3},
    ],
)
def test_wrong_and_unknown_fields_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        PreprocessSpec(**{"width": 64, "height": 48, "color": "rgb", **wrong})


def test_a_spec_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        setattr(PreprocessSpec(width=64, height=48, color="rgb"), "width", 32)  # noqa: B010 - mypy knows it is read-only
