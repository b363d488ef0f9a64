"""What a request for a dataset may say."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from shared.schemas.dataset import DatasetRequest

DIRECTORY = {"type": "directory", "path": "pets"}
GOOD: list[dict[str, Any]] = [
    DIRECTORY,
    DIRECTORY | {"test": {"type": "idx", "images": "i", "labels": "l"}},
    {"type": "filenames", "path": "train", "pattern": "{label}.*"},
    {"type": "pixels-csv", "path": "a.csv", "width": 28, "height": 28, "names": ["a", "b"]},
    {"type": "idx", "images": "i.gz", "labels": "l.gz"},
    {"type": "urls", "path": "list.csv"},
    {"type": "generated", "name": "shapes", "count": 2000},
]


@pytest.mark.parametrize("source", GOOD)
def test_every_kind_of_source_is_taken_with_its_defaults(source: dict[str, Any]) -> None:
    asked = DatasetRequest.model_validate({"name": "pets", "source": source}, strict=True)
    assert (asked.test_fraction, asked.seed) == (0.2, 0)
    assert asked.source.model_dump(mode="json", exclude_none=True) == source


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": "Pets"}, "name"),
        ({"name": None}, "name"),
        ({"test_fraction": 0}, "test_fraction"),
        ({"test_fraction": 1}, "test_fraction"),
        ({"test_fraction": "0.2"}, "test_fraction"),
        ({"seed": -1}, "seed"),
        ({"seed": 2**32}, "seed"),
        ({"extra": 1}, "extra"),
        ({"source": None}, "source"),
        ({"source": {"path": "pets"}}, "source"),
        ({"source": {"type": "folder", "path": "pets"}}, "source"),
        ({"source": {"type": "archive", "upload": "jobs/x/uploads/0", "filename": "x"}}, "source"),
        ({"source": {"type": "directory"}}, "source.path"),
        ({"source": DIRECTORY | {"path": ""}}, "source.path"),
        ({"source": DIRECTORY | {"pattern": "x"}}, "source.pattern"),
        ({"source": DIRECTORY | {"test": {"type": "urls"}}}, "source.test.path"),
        ({"source": DIRECTORY | {"test": DIRECTORY | {"test": DIRECTORY}}}, "source.test"),
        ({"source": GOOD[2] | {"pattern": "*.jpg"}}, "source.pattern"),
        ({"source": GOOD[2] | {"pattern": "{label}/{label}"}}, "source.pattern"),
        ({"source": GOOD[2] | {"pattern": "*a*b*c*{label}"}}, "source.pattern"),
        ({"source": GOOD[2] | {"pattern": "*\n*\n*\n*\n{label}"}}, "source.pattern"),
        ({"source": GOOD[3] | {"width": 0}}, "source.width"),
        ({"source": GOOD[3] | {"names": ["a", "a"]}}, "source.names"),
        ({"source": GOOD[4] | {"names": ["a"]}}, "source.names"),
        ({"source": GOOD[6] | {"name": "faces"}}, "source.name"),
        ({"source": GOOD[6] | {"count": 3}}, "source.count"),
    ],
)
def test_what_is_wrong_is_named_as_the_request_names_it(changed: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as raised:
        DatasetRequest.model_validate({"name": "pets", "source": DIRECTORY} | changed, strict=True)
    assert [DatasetRequest.field_name(error["loc"]) for error in raised.value.errors()] == [field]
