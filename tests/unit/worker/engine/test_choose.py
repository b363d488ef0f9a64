"""Which engine runs a version: the setting and the manifest decide, and nothing else."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from shared.errors import VersionCorrupt
from shared.registry import Manifest, OnnxExport, Registry
from shared.storage import Storage
from tests.support.manifests import toy_manifest
from worker.engine import choose
from worker.engine.choose import EngineMissing, Setting, choose_engine
from worker.loaded import load

CHECKED = OnnxExport(checked=True, pictures=8, max_difference=1e-6)
REFUSED = OnnxExport(checked=False, reason="A probability differs.")


def version(onnx: OnnxExport | None) -> Manifest:
    return toy_manifest().model_copy(update={"onnx": onnx})


@pytest.fixture
def without_tensorflow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choose, "find_spec", lambda name: None)


@pytest.mark.parametrize(
    ("setting", "onnx", "engine"),
    [
        ("auto", CHECKED, "onnx"),
        ("onnx", CHECKED, "onnx"),
        ("keras", CHECKED, "keras"),
        ("auto", REFUSED, "keras"),
        ("auto", None, "keras"),
        ("keras", None, "keras"),
    ],
)
def test_the_setting_and_the_manifest_decide(setting: Setting, onnx: OnnxExport | None, engine: str) -> None:
    kind = choose_engine(setting, version(onnx))
    assert (kind.name, kind.file) == (engine, f"model.{engine}")


@pytest.mark.parametrize(("onnx", "why"), [(REFUSED, "A probability differs"), (None, "a release that exported none")])
def test_onnx_alone_runs_no_version_without_checked_export(onnx: OnnxExport | None, why: str) -> None:
    with pytest.raises(EngineMissing, match=f"LOUPE_ENGINE is onnx.*{why}.*Set LOUPE_ENGINE to auto"):
        choose_engine("onnx", version(onnx))


@pytest.mark.parametrize(
    ("setting", "onnx", "words"),
    [
        ("keras", CHECKED, "LOUPE_ENGINE is keras, and this worker has no TensorFlow.*or set LOUPE_ENGINE to auto"),
        ("auto", REFUSED, r"A probability differs, and this worker has no TensorFlow. Run a worker from .* image\.$"),
        ("auto", None, r"a release that exported none to ONNX, and this worker has no TensorFlow."),
    ],
)
@pytest.mark.usefixtures("without_tensorflow")
def test_a_worker_without_tensorflow_says_what_to_do(setting: Setting, onnx: OnnxExport | None, words: str) -> None:
    with pytest.raises(EngineMissing, match=words):
        choose_engine(setting, version(onnx))


@pytest.mark.usefixtures("without_tensorflow")
def test_a_worker_without_tensorflow_runs_what_was_exported() -> None:
    assert choose_engine("auto", version(CHECKED)).name == "onnx"


def test_a_damaged_export_is_no_reason_for_another_engine(tmp_path: Path) -> None:
    registry = Registry(Storage(str(tmp_path)))
    files: dict[str, Any] = {"model.onnx": b"good", "model.keras": b"good", "selftest.npz": b"good"}
    registry.publish(version(CHECKED), files)
    (tmp_path / "models/pets/1/model.onnx").write_bytes(b"evil")
    with pytest.raises(VersionCorrupt, match=r"model\.onnx is damaged"):
        load(registry, "pets", 1, lambda manifest: choose_engine("auto", manifest))


def test_choosing_imports_no_tensorflow() -> None:
    loaded_before = "tensorflow" in sys.modules
    choose_engine("auto", version(CHECKED))
    assert ("tensorflow" in sys.modules) == loaded_before
