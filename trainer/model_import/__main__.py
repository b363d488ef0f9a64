"""The entry of the import of a model; `trainer.model_import.run` starts it."""

from shared.errors import ImportFailed
from trainer.children.entry import run
from trainer.model_import.take import work

raise SystemExit(run("model import", work, ImportFailed))
