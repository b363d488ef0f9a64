"""A model trained elsewhere becomes a version: loaded in safe mode, evaluated, judged and published like any other."""

from __future__ import annotations

import io
import json
import resource
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shared.errors import ModelRefused, PathNotAllowed, SourceNotFound
from shared.preprocess_spec import PreprocessSpec
from shared.registry import Dataset, Manifest, Registry
from shared.schemas.gate import Gate
from shared.storage import Storage
from tests.support.toy_models import colour_model, save_model
from tests.support.toy_versions import toy_version
from trainer.children.events import Events
from trainer.children.stop import StopFlag
from trainer.model_import.file import check_file
from trainer.model_import.spec import ModelImportSpec
from trainer.model_import.take import take
from trainer.promotion import settle

# Keras 3.15 reads TensorFlow's variables in a way that NumPy 2 warns of.
pytestmark = [pytest.mark.tensorflow, pytest.mark.filterwarnings("ignore:__array__ implementation")]

JOB = "019ae000-0000-7000-8000-000000000001"


class World:
    """A storage with a dataset of cats and dogs, and an import folder."""

    def __init__(self, folder: Path) -> None:
        self.storage = Storage(str(folder / "storage"))
        self.registry = Registry(self.storage)
        self.imports = folder / "import"
        self.imports.mkdir()
        self.dataset = toy_version(self.storage)
        self.told = io.BytesIO()

    def spec(self, **differing: Any) -> ModelImportSpec:
        """Returns an import of mine.keras."""
        fields: dict[str, Any] = {
            "job_id": JOB,
            "model": "mine",
            "version": 1,
            "path": "mine.keras",
            "labels": ["cat", "dog"],
            "input": PreprocessSpec(width=24, height=24, color="rgb"),
            "dataset": Dataset(name="pets", version=self.dataset.version),
            "storage_url": self.storage.url,
            "import_dir": str(self.imports),
        }
        return ModelImportSpec(**fields | differing)

    def take(self, model: Any = None, **differing: Any) -> Manifest:
        """Saves a model, if one is given, and imports mine.keras."""
        if model is not None:
            save_model(model, self.imports / "mine.keras")
        return take(self.spec(**differing), Events(self.told), StopFlag())


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_a_good_model_is_evaluated_and_published(world: World) -> None:
    manifest = world.take(colour_model())

    assert manifest.metrics.test.accuracy == 1
    assert manifest.metrics.test.count == 8
    assert (manifest.metrics.train, manifest.metrics.validation, manifest.fit) == (None, None, None)
    assert (manifest.recipe, manifest.seed, manifest.activation) == (None, None, "softmax")
    assert manifest.origin is not None
    assert manifest.origin.path == "mine.keras"
    assert manifest.confusion == [[4, 0], [0, 4]]
    assert manifest.gate is not None
    assert manifest.gate.code == "first_version"
    assert manifest.calibration_error is not None
    expected = {"model.keras", "selftest.npz", "labels.json", "answers.csv", "model-card.md", "bundle.zip"}
    assert expected | {"confusion.png", "reliability.png", "model.onnx"} <= set(manifest.files)
    assert manifest.onnx is not None
    assert (manifest.onnx.checked, manifest.onnx.pictures) == (True, 8)
    assert world.registry.verify("mine", 1) == manifest
    assert b"trained elsewhere" in world.registry.file("mine", 1, "model-card.md")
    phases = [json.loads(line).get("phase") for line in world.told.getvalue().splitlines()]
    assert [phase for phase in dict.fromkeys(phases) if phase] == ["preparing", "evaluating", "publishing"]


def test_its_self_test_and_bundle_hold_the_model_that_was_tried(world: World) -> None:
    from trainer.evaluation.load import load_model

    world.take(colour_model())

    folder = world.registry.local_folder("mine", 1)
    model = load_model(folder / "model.keras")
    with np.load(folder / "selftest.npz") as stored:
        answers = model.predict_on_batch(stored["inputs"].astype(np.float32) / 255)
        assert np.abs(answers - stored["probabilities"]).max() < 1e-5
    with zipfile.ZipFile(folder / "bundle.zip") as bundle:
        assert bundle.read("model.keras") == (folder / "model.keras").read_bytes()
        assert bundle.read("model.onnx") == (folder / "model.onnx").read_bytes()


def test_a_model_without_an_equal_in_onnx_is_published_and_says_so(world: World) -> None:
    import keras

    inputs = keras.Input((24, 24, 3))
    made = keras.ops.linalg.qr(keras.ops.mean(inputs, axis=3))[1][:, :2, 0]
    manifest = world.take(keras.Model(inputs, keras.ops.softmax(made)))
    assert manifest.onnx is not None
    assert not manifest.onnx.checked
    assert "model.onnx" not in manifest.files
    assert b"there is no `model.onnx`" in world.registry.file("mine", 1, "model-card.md")


def test_each_picture_is_announced_before_it_is_decoded(world: World) -> None:
    settle(world.registry, world.take(colour_model()))
    world.told = io.BytesIO()
    world.take(colour_model(), version=2)
    told = [json.loads(line) for line in world.told.getvalue().splitlines()]
    # Each of the 8 test pictures: tried, asked about, shown to the served version, exported, and for the self-test.
    assert [one.get("reason") for one in told].count("decoding a picture") >= 5 * 8


def test_labels_stand_in_the_models_order(world: World) -> None:
    assert world.take(colour_model(swapped=True), labels=["dog", "cat"]).metrics.test.accuracy == 1
    assert world.take(colour_model(), labels=["dog", "cat"], version=2).metrics.test.accuracy == 0


def test_one_sigmoid_output_is_two_classes(world: World) -> None:
    manifest = world.take(colour_model("sigmoid"))
    assert (manifest.activation, manifest.metrics.test.accuracy) == ("sigmoid", 1)


def test_it_is_judged_against_the_served_version_on_the_same_pictures(world: World) -> None:
    poor = world.take(colour_model(swapped=True), gate=Gate())
    assert settle(world.registry, poor).promoted

    better = world.take(colour_model(), version=2)
    assert better.gate is not None
    assert (better.gate.champion, better.gate.champion_accuracy, better.gate.accuracy) == (1, 0, 1)
    assert settle(world.registry, better).promoted

    # Its labels stand in another order, and its input is another; its answers are the same.
    other = colour_model(swapped=True, side=12)
    to = PreprocessSpec(width=12, height=12, color="rgb")
    as_good = world.take(other, version=3, labels=["dog", "cat"], input=to)
    assert as_good.gate is not None
    assert (as_good.gate.champion_accuracy, as_good.gate.accuracy) == (1, 1)
    assert as_good.gate.code == "not_better"
    assert not settle(world.registry, as_good).promoted
    assert world.registry.served_version("mine") == 2


def test_the_champion_is_asked_again_whatever_its_manifest_says(world: World) -> None:
    poor = world.take(colour_model(swapped=True), gate=Gate())
    settle(world.registry, poor)
    flattering = poor.metrics.model_copy(update={"test": poor.metrics.test.model_copy(update={"accuracy": 1.0})})
    told = poor.model_copy(update={"metrics": flattering})
    world.storage.write_bytes("models/mine/1/manifest.json", told.model_dump_json().encode())

    better = world.take(colour_model(), version=2)

    assert better.gate is not None
    assert (better.gate.champion_accuracy, better.gate.code) == (0, "better")


def test_a_served_version_that_is_damaged_stops_no_import(world: World) -> None:
    settle(world.registry, world.take(colour_model()))
    world.storage.write_bytes("models/mine/1/model.keras", b"other")

    manifest = world.take(colour_model(), version=2)

    assert manifest.gate is not None
    assert manifest.gate.code == "champion_unusable"
    assert "damaged" in manifest.gate.reason


@pytest.mark.parametrize(
    ("head", "changes", "words"),
    [
        ("linear", {}, "Give its last layer a softmax"),
        ("softmax", {"input": PreprocessSpec(width=32, height=32, color="rgb")}, "takes any × 24 × 24 × 3"),
        ("softmax", {"input": PreprocessSpec(width=24, height=24, color="grey")}, "takes any × 24 × 24 × 3"),
        ("softmax", {"labels": ["cat", "wolf"]}, "cat, dog; received cat, wolf"),
    ],
)
def test_a_model_that_does_not_fit_is_refused(world: World, head: str, changes: dict[str, Any], words: str) -> None:
    with pytest.raises(ModelRefused, match=words):
        world.take(colour_model(head), **changes)
    assert world.registry.names() == []


def test_a_model_with_too_many_outputs_is_refused(world: World) -> None:
    with pytest.raises(ModelRefused, match="answers with any × 3"):
        world.take(colour_model(outputs=3))


def test_code_in_a_model_is_not_run(world: World) -> None:
    import keras
    from keras import layers

    inputs = keras.Input((24, 24, 3))
    lambda_layer = layers.Lambda(lambda x: x, output_shape=(24, 24, 3))
    answers = layers.Dense(2, activation="softmax")(layers.Flatten()(lambda_layer(inputs)))
    with pytest.raises(ModelRefused, match=r"received 'keras\.layers\.Lambda'"):
        world.take(keras.Model(inputs, answers))
    assert world.registry.names() == []


def test_layers_that_fit_no_memory_are_refused_and_fill_none(world: World) -> None:
    room = resource.getrlimit(resource.RLIMIT_AS)
    save_model(colour_model(), world.imports / "mine.keras")
    with zipfile.ZipFile(world.imports / "mine.keras") as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    config = json.loads(files["config.json"])
    dense = next(one for one in config["config"]["layers"] if one["class_name"] == "Dense")
    dense["config"]["units"] = 2 * 10**9
    with zipfile.ZipFile(world.imports / "mine.keras", "w") as archive:
        for name, data in (files | {"config.json": json.dumps(config).encode()}).items():
            archive.writestr(name, data)

    with pytest.raises(ModelRefused, match="OOM when allocating"):
        world.take()

    # Nobody else is held to it.
    assert resource.getrlimit(resource.RLIMIT_AS) == room


def test_what_is_common_among_models_is_taken(tmp_path: Path) -> None:
    import keras
    from keras import layers

    inputs = keras.Input((32, 32, 3))
    prepared = layers.Rescaling(1 / 127.5, offset=-1)(layers.RandomRotation(0.1)(layers.RandomFlip()(inputs)))
    network = keras.applications.MobileNetV2(input_shape=(32, 32, 3), include_top=False, weights=None, alpha=0.35)
    network.compile("adam", "mse")
    found = keras.ops.mean(network(prepared)[:, ::1], axis=(1, 2)) * 2 + 1
    policy = keras.dtype_policies.DTypePolicy("mixed_bfloat16")
    hidden = layers.Dense(
        8, keras.activations.gelu, kernel_regularizer="l2", kernel_constraint="max_norm", dtype=policy
    )
    answers = layers.Dense(2, activation="softmax", dtype="float32")(layers.Dropout(0.2)(hidden(found)))
    model = keras.Model(inputs, answers)
    model.compile(keras.optimizers.Adam(keras.optimizers.schedules.ExponentialDecay(0.1, 2, 0.9)), "mse", ["accuracy"])
    model.optimizer.build(model.trainable_variables)
    save_model(model, tmp_path / "mine.keras")

    assert check_file(tmp_path / "mine.keras") > model.count_params() * 4


def test_a_path_is_below_the_import_folder_and_there(world: World, tmp_path: Path) -> None:
    save_model(colour_model(), tmp_path / "outside.keras")
    (world.imports / "link.keras").symlink_to(tmp_path / "outside.keras")
    (world.imports / "folder.keras").mkdir()
    for path, error in (
        ("../outside.keras", PathNotAllowed),
        ("link.keras", PathNotAllowed),
        ("none.keras", SourceNotFound),
        ("folder.keras", ModelRefused),
    ):
        with pytest.raises(error):
            world.take(path=path)
