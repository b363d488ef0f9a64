"""What an import makes of a source: versions, sides, duplicates, conflicts and errors."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from shared.datasets import DatasetStore
from shared.datasets.layout import is_pack
from shared.errors import EmptyClass, OneClass, StorageFull, TooFewPictures, TooManyPictures, VersionCorrupt
from shared.imaging import decode
from tests.support.imports import Imports, fill, picture, refusals
from tests.support.pictures import HTML
from trainer.datasets.version import DatasetVersion
from trainer.importing import given, publish, samples, write

SOURCE = {"type": "directory", "path": "pets"}
GIVEN = {"type": "directory", "path": "train", "test": {"type": "directory", "path": "test"}}


def sides(version: DatasetVersion) -> dict[bytes, int]:
    return {row.tobytes(): int(side) for row, side in zip(version.sha256, version.split, strict=True)}


def test_importing_the_same_again_makes_no_new_version(imports: Imports) -> None:
    fill(imports.folder / "pets", {"cat": 10, "dog": 15})
    first = imports.run(SOURCE)
    # Neither other file names nor another order are other content.
    shutil.move(imports.folder / "pets" / "cat" / "000.jpg", imports.folder / "pets" / "cat" / "zzz.jpg")
    again = imports.run(SOURCE)

    assert (first["created"], again["created"]) == (True, False)
    assert first["dataset"] == again["dataset"]
    assert len(first["dataset"]["version"]) == 12
    assert first["report"]["imbalance"] == 1.5
    assert (first["report"]["previous"], first["report"]["added"], first["report"]["removed"]) == (None, 25, 0)
    assert (again["report"]["added"], again["report"]["removed"]) == (0, 0)
    manifest = DatasetStore(imports.storage).manifest("pets")
    assert manifest.content.startswith(manifest.version)


def test_the_first_of_each_class_in_hash_order_are_tested_on(imports: Imports) -> None:
    fill(imports.folder / "pets", {"cat": 10, "dog": 23})
    report = imports.report(SOURCE, test_fraction=0.3)
    assert report["counts"] == {"cat": {"train": 7, "test": 3}, "dog": {"train": 16, "test": 7}}
    one = sides(imports.version())
    imports.run(SOURCE, "same-content", test_fraction=0.3)
    assert sides(imports.version("same-content")) != one
    imports.run(SOURCE, "other-seed", seed=1, test_fraction=0.3)
    assert sides(imports.version("other-seed")) != one


def test_a_picture_keeps_the_side_an_earlier_version_gave_it(imports: Imports) -> None:
    pets = imports.folder / "pets"
    fill(pets, {"cat": 20, "dog": 20})
    first = imports.run(SOURCE)
    before = sides(imports.version())
    # Given that pictures come and go, and another seed and share are asked for
    for path in sorted((pets / "cat").iterdir())[:5]:
        path.unlink()
    fill(pets / "more", {"cat": 15}, first=200)
    (pets / "more" / "cat").rename(pets / "cat" / "more")
    (pets / "more").rmdir()
    second = imports.run(SOURCE, seed=9, test_fraction=0.4)
    after = sides(imports.version())

    assert {digest: after[digest] for digest in before if digest in after} == {
        digest: side for digest, side in before.items() if digest in after
    }
    assert second["report"]["counts"]["cat"] == {"train": 18, "test": 12}
    assert (second["report"]["added"], second["report"]["removed"]) == (15, 5)
    assert second["report"]["previous"] == first["dataset"]["version"]
    # And one that was away comes back to its side.
    fill(pets, {"cat": 20})
    imports.run(SOURCE)
    assert before.items() <= sides(imports.version()).items()


def test_content_that_was_there_before_is_that_version_again(imports: Imports) -> None:
    fill(imports.folder / "pets", {"cat": 10, "dog": 10})
    first = imports.run(SOURCE)
    (imports.folder / "pets" / "cat" / "new.jpg").write_bytes(picture(77))
    second = imports.run(SOURCE)
    (imports.folder / "pets" / "cat" / "new.jpg").unlink()
    third = imports.run(SOURCE)

    store = DatasetStore(imports.storage)
    assert (second["created"], third["created"]) == (True, False)
    assert third["dataset"] == first["dataset"]
    assert store.manifest("pets").version == first["dataset"]["version"]
    assert [version.version for version in store.versions("pets")] == [
        first["dataset"]["version"],
        second["dataset"]["version"],
    ]
    assert (third["report"]["added"], third["report"]["removed"]) == (0, 1)


def test_duplicates_are_counted_and_kept_once(imports: Imports) -> None:
    pets = imports.folder / "pets"
    fill(pets, {"cat": 5, "dog": 5})
    for name in ("copy-a.jpg", "copy-b.jpg"):
        shutil.copy(pets / "cat" / "000.jpg", pets / "cat" / name)

    report = imports.report(SOURCE)

    assert (report["total"], report["duplicates"]) == (10, 2)
    assert report["duplicate_files"] == ["pets/cat/copy-a.jpg", "pets/cat/copy-b.jpg"]
    assert report["refused"] == []


def test_the_same_bytes_under_two_labels_are_left_out_with_all_their_copies(imports: Imports) -> None:
    pets = imports.folder / "pets"
    fill(pets, {"cat": 5, "dog": 5})
    shutil.copy(pets / "cat" / "000.jpg", pets / "cat" / "same.jpg")
    shutil.copy(pets / "cat" / "000.jpg", pets / "dog" / "other.jpg")

    report = imports.report(SOURCE)

    names = ["pets/cat/000.jpg", "pets/cat/same.jpg", "pets/dog/other.jpg"]
    assert refusals(report) == dict.fromkeys(names, "label_conflict")
    assert "pets/cat/000.jpg (cat)" in report["refused"][0]["message"]
    assert report["counts"] == {"cat": {"train": 3, "test": 1}, "dog": {"train": 4, "test": 1}}
    assert imports.progress["failed"] == 3


def test_a_given_split_is_taken_and_the_fraction_is_not_used(imports: Imports) -> None:
    fill(imports.folder / "train", {"cat": 4, "dog": 4})
    fill(imports.folder / "test", {"cat": 3, "dog": 2}, first=50)
    report = imports.report(GIVEN, test_fraction=0.9)
    assert report["counts"] == {"cat": {"train": 4, "test": 3}, "dog": {"train": 4, "test": 2}}


def test_a_picture_on_both_sides_leaves_training(imports: Imports) -> None:
    fill(imports.folder / "train", {"cat": 4, "dog": 4})
    fill(imports.folder / "test", {"cat": 2, "dog": 2}, first=50)
    shutil.copy(imports.folder / "train" / "cat" / "000.jpg", imports.folder / "test" / "cat" / "leak.jpg")

    report = imports.report(GIVEN)

    assert report["counts"]["cat"] == {"train": 3, "test": 3}
    assert (report["crossed"], report["crossed_files"]) == (1, ["train/cat/000.jpg"])
    assert report["duplicates"] == 1


def test_a_picture_that_moves_between_given_sides_stays_where_it_was(imports: Imports) -> None:
    fill(imports.folder / "train", {"cat": 5, "dog": 4})
    fill(imports.folder / "test", {"cat": 2, "dog": 2}, first=50)
    imports.run(GIVEN)
    before = sides(imports.version())
    shutil.move(imports.folder / "train" / "cat" / "000.jpg", imports.folder / "test" / "cat" / "moved.jpg")

    report = imports.report(GIVEN)

    assert sides(imports.version()) == before
    assert report["kept_side"] == 1


def test_a_class_that_only_one_side_has_is_refused(imports: Imports) -> None:
    fill(imports.folder / "train", {"cat": 4, "dog": 4})
    fill(imports.folder / "test", {"cat": 2, "dog": 2, "bird": 2}, first=50)
    with pytest.raises(TooFewPictures, match=r"'bird' has 0 pictures to train on and 2 to test on.* Add pictures\."):
        imports.run(GIVEN)
    fill(imports.folder / "test", {"bird": 4}, first=90)
    with pytest.raises(TooFewPictures, match="both sides name their classes alike"):
        imports.run(GIVEN)


@pytest.mark.parametrize(
    ("counts", "error", "words"),
    [
        ({"cat": 1, "dog": 1}, TooFewPictures, "'cat' has 0 pictures to train on and 1 to test on"),
        ({"cat": 5, "dog": 2}, TooFewPictures, "'dog' has 1 pictures to train on and 1 to test on"),
        ({"cat": 5}, OneClass, "All pictures are of the class 'cat'"),
        ({"cat": 5, "dog": 5, "bird": 0}, EmptyClass, "'bird' has no picture"),
        ({"cat": 0, "dog": 0}, TooFewPictures, "no picture that can be used"),
    ],
)
def test_too_little_to_learn_from_is_refused(
    imports: Imports, counts: dict[str, int], error: type[Exception], words: str
) -> None:
    fill(imports.folder / "pets", counts)
    with pytest.raises(error, match=words):
        imports.run(SOURCE)
    assert DatasetStore(imports.storage).names() == []


def test_a_class_of_which_all_is_refused_is_empty_and_the_reason_is_said(imports: Imports) -> None:
    fill(imports.folder / "pets", {"cat": 5, "dog": 1})
    (imports.folder / "pets" / "dog" / "000.jpg").write_bytes(HTML)
    with pytest.raises(EmptyClass, match=r"'dog' .* 1 were refused \(1 not_an_image\), the first was pets/dog/000.jpg"):
        imports.run(SOURCE)


def test_more_pictures_than_a_dataset_may_hold_are_refused(imports: Imports, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(given, "MOST_PICTURES", 9)
    fill(imports.folder / "pets", {"cat": 5, "dog": 5})
    with pytest.raises(TooManyPictures, match="at most 9 pictures; the source has 10"):
        imports.run(SOURCE)


def test_two_imports_of_the_same_content_at_once_make_one_whole_version(
    imports: Imports, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given one import that is nearly done when another one of the same pictures, elsewhere, begins and ends
    fill(imports.folder / "pets", {"cat": 5, "dog": 5})
    fill(imports.folder / "elsewhere", {"cat": 5, "dog": 5})
    draw, others = samples.sample_sheet, []

    def slow(*given: Any) -> bytes:
        monkeypatch.undo()
        others.append(imports.run({"type": "directory", "path": "elsewhere"}))
        return draw(*given)

    monkeypatch.setattr(publish, "sample_sheet", slow)
    result = imports.run(SOURCE)
    # Then they made one version, and every file of it is whole
    assert [others[0]["created"], result["created"]] == [True, False]
    assert others[0]["dataset"] == result["dataset"]
    store, version = DatasetStore(imports.storage), result["dataset"]["version"]
    for file in store.manifest("pets", version).files:
        if not is_pack(file):
            assert store.file("pets", version, file)
    assert b"elsewhere/cat" in store.file("pets", version, "items.ndjson")


def test_a_disk_that_runs_full_leaves_no_version(imports: Imports, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(imports.folder / "pets", {"cat": 5, "dog": 5})

    def full(*_: object) -> bytes:
        raise StorageFull("writing balance.png: No space left on device")

    monkeypatch.setattr("trainer.importing.publish.balance_chart", full)
    with pytest.raises(StorageFull):
        imports.run(SOURCE)
    assert DatasetStore(imports.storage).names() == []
    assert DatasetStore(imports.storage).versions("pets") == []
    # The next one is not disturbed by what was left.
    monkeypatch.undo()
    assert imports.run(SOURCE)["created"] is True


def test_an_earlier_version_that_cannot_be_read_stops_the_import(imports: Imports) -> None:
    """Nobody could say which pictures it tested on."""
    fill(imports.folder / "pets", {"cat": 5, "dog": 5})
    imports.run(SOURCE)
    (manifest,) = Path(imports.storage_url).rglob("manifest.json")
    manifest.write_text("{")
    with pytest.raises(VersionCorrupt, match="cannot be read"):
        imports.run(SOURCE)
    DatasetStore(imports.storage).delete("pets")
    assert imports.run(SOURCE)["created"] is True


def test_the_report_says_how_large_the_pictures_are(imports: Imports) -> None:
    fill(imports.folder / "pets", {"cat": 5, "dog": 5})
    sizes = imports.report(SOURCE)["sizes"]
    assert sizes["width"] == {"min": 48, "median": 48, "max": 48}
    assert sizes["height"]["max"] == 32
    assert 0 < sizes["bytes"]["min"] <= sizes["bytes"]["median"] <= sizes["bytes"]["max"]
    assert sizes["formats"] == {"JPEG": 10}


@pytest.mark.parametrize("classes", [2, 70])
def test_samples_and_balance_are_pictures(imports: Imports, classes: int) -> None:
    fill(imports.folder / "pets", {f"class {n} with a name longer than there is room": 3 for n in range(classes)})
    version = imports.run(SOURCE)["dataset"]["version"]
    store = DatasetStore(imports.storage)
    for name in ("samples.webp", "balance.png"):
        drawn = decode(store.file("pets", version, name), max_pixels=10**7)
        # More than one colour: something was drawn on the paper.
        assert drawn.min() < 100 < drawn.max() == 255


def test_all_files_but_the_packs_are_handed_out(imports: Imports) -> None:
    fill(imports.folder / "pets", {"cat": 5, "dog": 5})
    result = imports.run(SOURCE)
    store = DatasetStore(imports.storage)
    assert store.report("pets").model_dump(mode="json") == result["report"]
    assert set(store.manifest("pets").files) == {
        "pack-000.bin",
        "index.npz",
        "items.ndjson",
        "report.json",
        "samples.webp",
        "balance.png",
    }


def test_packs_hold_no_more_than_their_size_but_for_one_large_picture(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(write, "PACK_BYTES", 100)
    packs, offsets = write.packed(np.array([60, 40, 1, 200, 50, 50, 1]))
    assert packs.tolist() == [0, 0, 1, 2, 3, 3, 4]
    assert offsets.tolist() == [0, 60, 0, 0, 0, 50, 0]
