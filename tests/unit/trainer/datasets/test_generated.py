from __future__ import annotations

from tests.support.imports import Imports

SOURCE = {"type": "generated", "name": "shapes", "count": 40}


def test_the_same_seed_draws_the_same_pictures(imports: Imports) -> None:
    first, again = imports.run(SOURCE, "shapes"), imports.run(SOURCE, "shapes")
    other = imports.run(SOURCE, "shapes", seed=1)

    assert first["report"]["classes"] == ["circle", "square", "star", "triangle"]
    assert (first["created"], again["created"], other["created"]) == (True, False, True)
    assert first["dataset"] == again["dataset"] != other["dataset"]


def test_a_drawn_test_side_is_another_drawing(imports: Imports) -> None:
    report = imports.report({**SOURCE, "test": {**SOURCE, "count": 12}}, "shapes")
    assert (report["train"], report["test"], report["crossed"]) == (40, 12, 0)
