from __future__ import annotations

from pathlib import Path

import pytest

from api.side_by_side import SideBySide, side_by_side
from shared.datasets import DatasetManifest, DatasetStore
from shared.registry import Dataset, GateVerdict, Manifest, Registry
from shared.storage import Storage
from tests.support.manifests import toy_manifest
from tests.support.toy_versions import toy_version
from trainer.datasets.version import open_version

LABELS = ("cat", "dog")


@pytest.fixture
def storage(tmp_path: Path) -> Storage:
    return Storage(str(tmp_path))


def publish(storage: Storage, number: int, dataset: DatasetManifest, wrong: set[int], **differing: object) -> Manifest:
    """Publishes a version that takes the test pictures at some places, counted from 0, for the other class."""
    version = open_version(storage, "pets", dataset.version)
    lines = ["index,true,said,score"]
    for count, place in enumerate(version.test.tolist()):
        true = int(version.labels[place])
        lines.append(f"{place},{true},{1 - true if count in wrong else true},0.9")
    where = Dataset(name="pets", version=dataset.version)
    manifest = toy_manifest("pets", number, LABELS).model_copy(update={"dataset": where} | differing)
    return Registry(storage).publish(manifest, {"answers.csv": "\n".join(lines).encode()})


def compare(storage: Storage, chosen: Manifest, served: Manifest) -> SideBySide | None:
    return side_by_side(Registry(storage), DatasetStore(storage), chosen, served)


def test_two_versions_of_one_dataset_are_compared_picture_by_picture(storage: Storage) -> None:
    dataset = toy_version(storage)  # four test cats, then four test dogs
    served = publish(storage, 1, dataset, {0, 1, 4})
    chosen = publish(storage, 2, dataset, {1, 5, 6})
    found = compare(storage, chosen, served)
    assert found is not None
    assert (found.count, found.chosen, found.served, found.gain) == (8, 5 / 8, 5 / 8, 0)
    assert (found.fixed, found.broken, found.still_wrong) == (2, 2, 1)
    assert [(one.label, one.count, one.chosen, one.served) for one in found.classes] == [
        ("dog", 4, 0.5, 0.75),
        ("cat", 4, 0.75, 0.5),
    ]


def test_versions_of_two_datasets_are_compared_on_the_pictures_they_share(storage: Storage) -> None:
    older = toy_version(storage)
    newer = toy_version(storage, counts={"cat": 25, "dog": 20})  # one test cat more, the fifth
    served = publish(storage, 1, older, {0, 4})
    chosen = publish(storage, 2, newer, {4, 8})
    found = compare(storage, chosen, served)
    assert found is not None
    assert (found.count, found.fixed, found.broken, found.still_wrong) == (8, 2, 1, 0)


def test_where_the_pictures_are_gone_the_gate_knows(storage: Storage) -> None:
    dataset = toy_version(storage)
    served = publish(storage, 1, dataset, set())
    verdict = GateVerdict(
        policy="if_better",
        passed=True,
        code="better",
        reason="It is better.",
        champion=1,
        accuracy=0.9,
        champion_accuracy=0.8,
        count=400,
        rules=[],
    )
    other = Dataset(name="pets", version="aaaaaaaaaaaa")
    chosen = publish(storage, 2, dataset, set(), gate=verdict).model_copy(update={"dataset": other})
    for one, two, gain in ((chosen, served, 0.1), (served, chosen, -0.1)):
        found = compare(storage, one, two)
        assert found is not None
        assert (found.count, round(found.gain, 6), found.fixed, list(found.classes)) == (400, gain, None, [])


def test_where_nothing_is_known_of_both_nothing_is_said(storage: Storage) -> None:
    dataset = toy_version(storage)
    served = publish(storage, 1, dataset, set())
    bare = Registry(storage).publish(toy_manifest("pets", 2, LABELS), {})
    assert compare(storage, bare, served) is None


def test_damaged_answers_compare_nothing(storage: Storage) -> None:
    dataset = toy_version(storage)
    served, chosen = (publish(storage, number, dataset, set()) for number in (1, 2))
    Path(storage.url, "models/pets/2/answers.csv").write_bytes(b"?")
    assert compare(storage, chosen, served) is None
