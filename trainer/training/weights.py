"""Files that parameters name: found below the import folder, or said to be missing."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from shared.datasets.paths import inside
from shared.errors import SourceNotFound
from shared.recipes import Recipe, Value


def resolved(recipe: Recipe, settings: Mapping[str, Value], import_dir: Path) -> dict[str, Value]:
    """Returns the parameters, those that are paths as paths of this machine.

    Raises:
        PathNotAllowed: a path leads out of the import folder.
        SourceNotFound: there is no such file; the message says what is expected there.
    """
    found = dict(settings)
    for name, param in recipe.params.items():
        if param.type == "path":
            path = inside(import_dir, str(settings[name]))
            if not path.is_file():
                raise SourceNotFound(
                    f"params.{name}: {param.help} Expected {settings[name]!a} below LOUPE_IMPORT_DIR, and there is no"
                    " such file. Put it there, or name the place where it is."
                )
            found[name] = str(path)
    return found
