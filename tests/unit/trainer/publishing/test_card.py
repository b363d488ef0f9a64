"""The model card and the bundle say what the manifest says."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from shared.registry import ClassMetrics, Manifest, Metrics, Mistake, Origin
from shared.registry.versions import file_records
from shared.shares import SPACE
from tests.support.manifests import first_verdict, toy_manifest
from trainer.publishing.bundle import bundle_file
from trainer.publishing.card import card_file
from trainer.publishing.files import history_file, labels_file


def card(**fields: Any) -> str:
    """Returns the card of a version of which only this differs."""
    return card_file(toy_manifest().model_copy(update={"calibration_error": 0.0421, **fields})).decode()


def test_the_card_says_what_it_is_from_what_and_how_good() -> None:
    text = card(fit="overfit", fit_rule="The rule.", gate=first_verdict())
    for words in (
        "# pets, version 1",
        "2 classes apart: cat, dog",
        "8 × 8 pixels, RGB",
        "Dataset: `pets`, version `0123456789ab`",
        "Recipe: `toy`, seed 7",
        "epochs 1",
        f"| test | 75.0{SPACE}% | 0.5000 | 4 |",
        "**overfit**. The rule: The rule.",
        f"4.2{SPACE}%",
        "The gate: It is the first.",
        f"| cat | 75.0{SPACE}% | 75.0{SPACE}% | 75.0{SPACE}% | 2 |",
        "weakest on cat",
        "uncertain figures: cat, dog",
    ):
        assert words in text, words
    assert "mistakes.webp" not in text


def test_a_model_trained_elsewhere_says_so() -> None:
    side = toy_manifest().metrics.test
    text = card(
        recipe=None,
        seed=None,
        params={},
        origin=Origin(path="models/mine_2.keras", sha256="00"),
        metrics=Metrics(test=side),
        worst_mistakes=[Mistake(index=1, true="cat", said="dog", score=0.9)],
    )
    assert r"trained elsewhere and came in as `models/mine\_2.keras`" in text
    assert "| training |" not in text
    assert "Recipe" not in text
    assert "mistakes.webp" in text


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "a|b", "**x**", "a\n# b", "[x](javascript:y)", "\udc80"])
def test_a_class_name_is_text_and_nothing_else(name: str) -> None:
    text = card(labels=[name, "dog"], per_class=[ClassMetrics(label=name, precision=1, recall=1, f1=1, support=50)])
    assert name not in text.replace("\\", "") or name.isalnum() or "\\" in text
    assert "\n# b" not in text
    for line in text.splitlines():
        assert line.count("|") - line.count("\\|") in (0, 5, 6)


def test_hundreds_of_classes_do_not_make_it_endless() -> None:
    labels = [f"class {i}" for i in range(1000)]
    per_class = [ClassMetrics(label=one, precision=0, recall=0, f1=0, support=1) for one in labels]
    assert len(card(labels=labels, per_class=per_class).splitlines()) < 120
    assert "and 950 more" in card(labels=labels, per_class=per_class)


def bundled(manifest: Manifest) -> bytes:
    files = {
        "model.keras": b"weights",
        "labels.json": labels_file(manifest.labels),
        "model-card.md": b"# card",
        "history.json": history_file([{"epoch": 1}]),
    }
    return bundle_file(manifest.model_copy(update={"files": file_records(files)}), files)


def test_the_bundle_has_all_that_is_needed_elsewhere() -> None:
    manifest = toy_manifest()
    with zipfile.ZipFile(io.BytesIO(bundled(manifest))) as archive:
        assert sorted(archive.namelist()) == ["labels.json", "manifest.json", "model-card.md", "model.keras"]
        assert archive.read("model.keras") == b"weights"
        assert json.loads(archive.read("labels.json")) == ["cat", "dog"]
        told = Manifest.model_validate_json(archive.read("manifest.json"))
    assert told.files["model.keras"].bytes == 7
    assert bundled(manifest) == bundled(manifest)
