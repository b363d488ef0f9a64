"""A training without a model, an import without a dataset, a picture that is left out of one, and a failed list."""

from __future__ import annotations

from shared.errors.base import LoupeError


class TrainingFailed(LoupeError):
    """Raised when a training ends without a version for a reason of its own."""

    code, title = "training_failed", "The training failed"


class TrainingDiverged(TrainingFailed):
    """Raised when the loss is no longer a number."""

    code, title = "training_diverged", "The training diverged"


class ImportFailed(LoupeError):
    """Raised when an import ends without a version for a reason of its own."""

    code, title = "import_failed", "The import failed"


class SourceNotFound(ImportFailed):
    """Raised when a path is not there in `LOUPE_IMPORT_DIR`."""

    code, title = "source_not_found", "The source is not there"


class ModelRefused(ImportFailed):
    """Raised when a model trained elsewhere is none that Loupe can load and serve."""

    code, title = "model_refused", "This model cannot be taken"


class BadSource(ImportFailed):
    """Raised when a source is not what its type says: a file of another format, a line of another width."""

    code, title = "bad_source", "The source cannot be read"


class LabelOutOfRange(BadSource):
    """Raised when a label is a number for which no name was given."""

    code, title = "label_out_of_range", "A label has no name"


class ArchiveTooLarge(BadSource):
    """Raised when an archive has too many files, or would unpack to too many bytes."""

    code, title = "archive_too_large", "The archive is too large"


class TooManyPictures(ImportFailed):
    """Raised when a source has more pictures than a dataset may hold."""

    code, title = "too_many_pictures", "The source has too many pictures"


class EmptyClass(ImportFailed):
    """Raised when a class has no picture that can be used."""

    code, title = "empty_class", "A class has no pictures"


class OneClass(ImportFailed):
    """Raised when all pictures are of one class."""

    code, title = "one_class", "There is only one class"


class TooFewPictures(ImportFailed):
    """Raised when a class has too few pictures to train on, to validate and to test."""

    code, title = "too_few_pictures", "There are too few pictures"


class PictureRefused(LoupeError):
    """The root of what can be wrong with one picture of a source, beside what can be wrong with any picture."""

    code, title = "refused", "The picture was left out"


class NoLabel(PictureRefused):
    """Raised when nothing says which class a picture is of."""

    code, title = "no_label", "The picture has no class"


class Unreadable(PictureRefused):
    """Raised when a file cannot be read at all."""

    code, title = "unreadable", "The file cannot be read"


class LabelConflict(PictureRefused):
    """Raised when the same bytes come under two labels; all copies are left out."""

    code, title = "label_conflict", "The same picture has two classes"


class TooManyFailures(LoupeError):
    """Stands for a list of which more items failed than `max_failure_rate` allowed; the script that ends it says so."""

    code, title = "too_many_failures", "Too many items of the list failed"
