"""The entry of the import process; `trainer.importing.run` starts it."""

import os
import sys

from shared.errors import ImportFailed
from trainer.children.entry import run
from trainer.importing.work import work

status = run("import", work, ImportFailed)
sys.stderr.flush()
# Not `SystemExit`: that would wait for threads that fetch, and what they fetch is not wanted any more.
os._exit(status)
