"""Models that want to do more than compute are refused before Keras sees them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from shared.errors import ModelRefused, StorageFull
from tests.unit.trainer.model_import.hostile_models import HOSTILE, Make, layer, packed, sequential, weights_of
from tests.unit.trainer.model_import.hostile_models import good_weights as good
from trainer.model_import.file import check_file

FULL = Path("/dev/full")
# Runs in a process of its own, because an audit hook stays for ever.
WATCHED = """
import sys
from pathlib import Path
from shared.errors import ModelRefused
from tests.unit.trainer.model_import.hostile_models import HOSTILE
from trainer.model_import.file import check_file
folder = Path(sys.argv[1])
for number, make in enumerate(HOSTILE.values()):
    make(folder / f"{number}.keras")
seen, told = [], []
def hook(event, arguments):
    if event == "open" and not str(arguments[0]).startswith(str(folder)):
        seen.append((event, arguments[0]))
    elif event.startswith(("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "marshal.", "pickle.")):
        seen.append((event, arguments))
sys.addaudithook(hook)
for number in range(len(HOSTILE)):
    try:
        check_file(folder / f"{number}.keras")
    except ModelRefused:
        told.append(number)
assert not seen, seen
assert len(told) == len(HOSTILE) >= 14, told
assert not {"keras", "tensorflow"} & set(sys.modules)
"""


@pytest.mark.parametrize("make", HOSTILE.values(), ids=list(HOSTILE))
def test_it_is_refused(tmp_path: Path, make: Make) -> None:
    make(tmp_path / "model.keras")

    with pytest.raises(ModelRefused, match="Expected"):
        check_file(tmp_path / "model.keras")

    assert not (tmp_path / "weights.h5").exists()


def test_no_other_file_is_opened_and_nothing_is_run_or_connected_to(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", WATCHED, str(tmp_path)], check=True)


def test_plain_layers_with_plain_weights_are_fine(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    normalized = layer(
        "Normalization", mean={"class_name": "__numpy__", "config": {"value": [0.5], "dtype": "float32"}}
    )
    compiled = {"optimizer": layer("Mine", "my.optimizers"), "loss": "mine"}
    packed(path, sequential(normalized, sequential()) | {"compile_config": compiled}, weights_of(path, good))

    assert check_file(path) == 24


@pytest.mark.skipif(not FULL.exists(), reason="only Linux has a device that is always full")
def test_a_disk_that_is_full_is_not_the_file_s_fault(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    packed(path, sequential(), weights_of(path, good))
    (tmp_path / "weights.h5").symlink_to(FULL)

    with pytest.raises(StorageFull, match=r"unpacking 'model\.keras': No space left on device"):
        check_file(path)
