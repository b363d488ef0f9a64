"""Each recipe trains on toy data, and what it gives is a whole version."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shared.errors import DatasetNotFound, InvalidRequest, SourceNotFound, TrainingDiverged, TrainingFailed
from shared.imaging import scale
from shared.recipes import recipe, recipe_names
from shared.registry import Registry
from shared.storage import Storage
from tests.support.trainings import toy_spec, train_here
from trainer.children.stop import StopFlag

pytestmark = [
    pytest.mark.tensorflow,
    # Keras 3.15 saves its variables in a way that NumPy 2 will one day not take.
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]

SHORT: dict[str, Any] = {"epochs": 1, "batch_size": 8}


def backbone_weights(folder: Path) -> str:
    """Writes a backbone's weights, as chance has them, into the import folder and returns the parameter for them."""
    import keras

    backbone = keras.applications.MobileNetV2(input_shape=(160, 160, 3), alpha=0.35, include_top=False, weights=None)
    (folder / "import").mkdir(exist_ok=True)
    backbone.save_weights(folder / "import" / "net.weights.h5")
    return "net.weights.h5"


@pytest.mark.parametrize("name", recipe_names())
def test_a_recipe_trains_and_gives_a_whole_version(name: str, tmp_path: Path) -> None:
    import keras

    params = dict(SHORT)
    if name == "transfer":
        params |= {"frozen_epochs": 1, "weights": backbone_weights(tmp_path)}
    spec = toy_spec(tmp_path, recipe=name, params=params)
    manifest, _ = train_here(spec)

    registry = Registry(Storage(spec.storage_url))
    registry.verify("toy", 1)
    assert (manifest.recipe, manifest.activation) == (name, recipe(name).activation)
    assert manifest.params == recipe(name).settings(params)
    assert manifest.labels == ["cat", "dog"]
    metrics = manifest.metrics
    assert metrics.train is not None
    assert metrics.validation is not None
    assert metrics.train.count + metrics.validation.count == 32
    assert metrics.test.count == 8
    # What is served answers what the self-test says.
    folder = registry.local_folder("toy", 1)
    model = keras.saving.load_model(folder / "model.keras", compile=False, safe_mode=True)
    with np.load(folder / "selftest.npz") as stored:
        outputs = np.asarray(model.predict_on_batch(scale(stored["inputs"], manifest.input)))
        answers = np.hstack([1 - outputs, outputs]) if outputs.shape[1] == 1 else outputs
        assert np.abs(answers - stored["probabilities"]).max() < 1e-4


def test_a_sigmoid_learns_what_it_is_shown(tmp_path: Path) -> None:
    spec = toy_spec(tmp_path, recipe="cats-dogs-64", params={"epochs": 8, "batch_size": 8}, balance="class_weight")
    manifest, events = train_here(spec)
    assert manifest.metrics.test.accuracy == 1.0
    assert manifest.fit == "good"
    history = [event for event in events if event["event"] == "progress"][-1]["history"]
    assert history[-1]["loss"] < history[0]["loss"] / 2
    # The mean over 28 pictures, and not the share of the last batch of 4.
    assert {round(entry["accuracy"] * 28, 3) % 1 for entry in history} == {0.0}


def test_mixed_precision_gives_a_model_that_answers_in_32_bits(tmp_path: Path) -> None:
    import keras

    spec = toy_spec(tmp_path, recipe="natural-images-32", params={**SHORT, "mixed_precision": True})
    train_here(spec)
    folder = Registry(Storage(spec.storage_url)).local_folder("toy", 1)
    model = keras.saving.load_model(folder / "model.keras", compile=False, safe_mode=True)
    assert {layer.compute_dtype for layer in model.layers} == {"float32"}


def test_the_balance_and_the_phases_are_told(tmp_path: Path) -> None:
    counts = {"cat": 20, "dog": 10}
    spec = toy_spec(tmp_path, recipe="kitten-puppy-64", params=SHORT, balance="oversample", counts=counts)
    manifest, events = train_here(spec)
    progress = [event for event in events if event["event"] == "progress"]
    assert progress[-1]["balance"]["imbalance"] == 2.0
    assert progress[-1]["balance"]["shown"] == {"cat": 14, "dog": 14}
    assert manifest.balance == progress[-1]["balance"]
    phases = [event["phase"] for event in progress]
    assert list(dict.fromkeys(phases)) == ["preparing", "training", "evaluating", "publishing"]


def test_steps_per_epoch_are_as_many_as_asked_for(tmp_path: Path) -> None:
    params = {"epochs": 2, "batch_size": 8, "steps_per_epoch": 7}
    _, events = train_here(toy_spec(tmp_path, recipe="cats-dogs-64", params=params))
    assert [event for event in events if event["event"] == "progress"][-1]["total"] == 14


def test_a_loss_that_is_no_number_is_said_with_its_epoch(tmp_path: Path) -> None:
    params = {"epochs": 3, "batch_size": 8, "learning_rate": 10.0, "optimizer": "sgd"}
    with pytest.raises(TrainingDiverged, match=r"became (nan|inf) in epoch \d"):
        train_here(toy_spec(tmp_path, recipe="natural-images-32", params=params))


def test_a_dataset_that_is_deleted_while_training_is_said_in_words(tmp_path: Path) -> None:
    spec = toy_spec(tmp_path, recipe="fashion-28", params=SHORT)
    storage = Storage(spec.storage_url)

    class Deleting(StopFlag):
        def check(self) -> None:
            # The cache is there: training goes on without the dataset.
            if list((tmp_path / "cache").glob("*.npy")):
                storage.delete("datasets/pets")

    with pytest.raises(DatasetNotFound, match=r"pets@\w+ was deleted while a model was trained on it"):
        train_here(spec, Deleting())
    assert Registry(storage).names() == []


def test_a_recipe_that_does_not_fit_the_classes_is_refused(tmp_path: Path) -> None:
    counts = {"cat": 10, "dog": 10, "bird": 10}
    with pytest.raises(InvalidRequest, match="exactly two classes"):
        train_here(toy_spec(tmp_path, recipe="cats-dogs-64", counts=counts))


def test_weights_that_are_missing_or_others_are_said_in_words(tmp_path: Path) -> None:
    params = {**SHORT, "weights": "none.h5"}
    with pytest.raises(SourceNotFound, match=r"MobileNetV2's ImageNet weights .* Expected 'none\.h5' below"):
        train_here(toy_spec(tmp_path, recipe="transfer", params=params))
    (tmp_path / "import").mkdir()
    (tmp_path / "import" / "none.h5").write_bytes(b"not HDF5")
    with pytest.raises(TrainingFailed, match="expected the weights of MobileNetV2"):
        train_here(toy_spec(tmp_path, recipe="transfer", params=params))
