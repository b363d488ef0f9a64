"""The kinds of sources a dataset can come from, as the form explains them. Data, not code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from api.pages.inputs import Input

ARCHIVE = "archive"
UPLOAD = "upload"
BELOW = "below the import folder"
NAMES = Input(
    "source.names",
    "Class names",
    "One a line, in the order of the label numbers: the first is number 0. Without them the numbers are the names.",
    kind="lines",
    example="T-shirt\nTrouser",
)
GIVEN_TEST = (
    "Only if somebody else has split the pictures already. Left empty, Loupe keeps a share of each class for it."
)


@dataclass(frozen=True)
class SourceKind:
    """One kind.

    Attributes:
        type: as in the API; `archive` for an upload.
        example: what it looks like, as a file listing.
        fields: named as in the request, `source.path`; `source.test.…` belongs to the given test side.
    """

    type: str
    title: str
    lead: str
    example: str
    fields: Sequence[Input]


def path(label: str, example: str, name: str = "source.path", more: str = "") -> Input:
    """Returns a field for a path."""
    return Input(name, label, more or f"Its path {BELOW}.", example=example, suggestions="paths")


KINDS = (
    SourceKind(
        "directory",
        "A folder per class",
        "A folder whose direct subfolders are the classes. Pictures may lie at any depth below them.",
        "pets/train/\n  cat/  a.jpg  b.jpg  more/c.png\n  dog/  d.jpg  e.webp",
        (
            path("Folder", "pets/train"),
            path("Folder with the test pictures", "pets/test", "source.test.path", GIVEN_TEST),
        ),
    ),
    SourceKind(
        UPLOAD,
        "A folder from here",
        "A folder on your computer whose subfolders are the classes. It is sent piece by piece: after a lost connection"
        " it goes on where it was, and so it does when you choose the same folder again within a day.",
        "pets\n  cat/  a.jpg  b.jpg\n  dog/  d.jpg  e.webp",
        (),
    ),
    SourceKind(
        ARCHIVE,
        "An archive upload",
        "A .zip or .tar.gz from your computer, with a folder per class. One folder around them all is looked through.",
        "pets.zip\n  cat/  a.jpg  b.jpg\n  dog/  d.jpg  e.webp",
        (Input("archive", "Archive", "A .zip or .tar.gz with a folder per class.", kind="file"),),
    ),
    SourceKind(
        "filenames",
        "Classes in file names",
        "One folder of pictures whose file names say the class.",
        "train/\n  cat.1.jpg  cat.2.jpg  dog.1.jpg",
        (
            path("Folder", "train"),
            Input(
                "source.pattern",
                "Pattern",
                "{label} stands for the class, as short as it fits, and * for anything.",
                value="{label}.*",
                example="{label}.*",
            ),
            path("Folder with the test pictures", "test", "source.test.path", GIVEN_TEST),
        ),
    ),
    SourceKind(
        "pixels-csv",
        "Pixels in a CSV file",
        "A row per picture: its label number, then the grey value of every pixel, 0 to 255.",
        "label,pixel1,pixel2, … ,pixel784\n9,0,0,12, … ,0",
        (
            path("File", "fashion-mnist_train.csv"),
            Input("source.width", "Width", "Pixels in a row of the picture.", kind="number", example="28"),
            Input("source.height", "Height", "Rows of the picture.", kind="number", example="28"),
            NAMES,
            path("File with the test pictures", "fashion-mnist_test.csv", "source.test.path", GIVEN_TEST),
        ),
    ),
    SourceKind(
        "idx",
        "IDX files",
        "The format of MNIST: a file of pictures and a file of label numbers, with or without .gz.",
        "train-images-idx3-ubyte.gz\ntrain-labels-idx1-ubyte.gz",
        (
            path("Pictures", "fashion-mnist/train-images-idx3-ubyte.gz", "source.images"),
            path("Labels", "fashion-mnist/train-labels-idx1-ubyte.gz", "source.labels"),
            NAMES,
            path("Test pictures", "fashion-mnist/t10k-images-idx3-ubyte.gz", "source.test.images", GIVEN_TEST),
            path(
                "Test labels", "fashion-mnist/t10k-labels-idx1-ubyte.gz", "source.test.labels", "They belong to them."
            ),
        ),
    ),
    SourceKind(
        "urls",
        "A list of addresses",
        "A CSV file with the columns url and label, and perhaps split (train or test). Loupe fetches the pictures.",
        "url,label,split\nhttps://example.org/1.jpg,cat,train\nhttps://example.org/2.jpg,dog,test",
        (path("File", "pets.csv"),),
    ),
    SourceKind(
        "generated",
        "Drawn shapes",
        "Circles, squares, stars and triangles, drawn here, to try things out. The same seed draws the same pictures.",
        "circle  square  star  triangle",
        (
            Input("source.name", "What to draw", kind="choice", choices=(("shapes", "shapes"),), value="shapes"),
            Input(
                "source.count",
                "Pictures",
                "How many, all classes together.",
                kind="number",
                value="2000",
                example="2000",
            ),
        ),
    ),
)
BY_TYPE = {kind.type: kind for kind in KINDS}
