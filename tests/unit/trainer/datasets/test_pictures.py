from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from shared.errors import InvalidRequest
from shared.imaging import to_input
from shared.preprocess_spec import PreprocessSpec
from trainer.datasets.pictures import load_pictures
from trainer.datasets.spec import SHAPES, DatasetSpec

GREY = PreprocessSpec(width=16, height=8, color="grey")


def toy(**changes: Any) -> DatasetSpec:
    source = {"type": "generated", "name": "shapes", "count": 40}
    return DatasetSpec(**({"name": "toy", "source": source} | changes))


def test_pictures_are_brought_to_the_input_by_the_serving_function() -> None:
    calls: list[None] = []
    pictures = load_pictures(toy(), GREY, 0.1, lambda: calls.append(None))
    assert pictures.inputs.shape == (40, 8, 16, 1)
    assert np.array_equal(pictures.inputs[5], to_input(pictures.source.read(5)[0], GREY))
    assert pictures.targets[:5].tolist() == [0, 1, 2, 3, 0]
    assert pictures.labels == ("circle", "square", "star", "triangle")
    assert len(calls) == 40


def test_a_version_names_the_content_and_the_split() -> None:
    version = load_pictures(toy(), GREY, 0.1).version
    assert len(version) == 12
    assert version == load_pictures(toy(), PreprocessSpec(width=4, height=4, color="rgb"), 0.3).version
    others = [toy(seed=1), toy(name="other"), toy(test_fraction=0.3)]
    assert version not in {load_pictures(other, GREY, 0.1).version for other in others}


def test_a_stop_breaks_off_reading() -> None:
    class Told(Exception):
        pass

    def stop() -> None:
        raise Told

    with pytest.raises(Told):
        load_pictures(SHAPES, GREY, 0.1, stop)


@pytest.mark.parametrize(
    ("source", "field"),
    [
        ({}, "source.type"),
        ({"type": "magic"}, "source.type"),
        ({"type": "generated"}, "source.name"),
        ({"type": "generated", "name": "cats"}, "source.name"),
        ({"type": "generated", "name": "shapes", "count": 11}, "source.count"),
        ({"type": "generated", "name": "shapes", "count": "40"}, "source.count"),
        ({"type": "generated", "name": "shapes", "size": 40}, "source.size"),
    ],
)
def test_a_source_with_a_wrong_field_is_refused_by_its_name(source: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        load_pictures(toy(source=source), GREY, 0.1)
    assert [error.field for error in caught.value.errors] == [field]
