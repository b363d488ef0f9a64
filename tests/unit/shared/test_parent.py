"""Dying with one's parent."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

# A parent that starts a child and waits; the child ties itself to it in one of two ways and says it is up.
PARENT = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]])"
BY_KERNEL = "from shared.parent import die_with_parent; die_with_parent()"
BY_THREAD = """
import os, signal, threading
from shared import parent
threading.Thread(target=parent._watch, args=(os.getppid(), signal.SIGKILL), daemon=True).start()
"""
STAY = "\nimport time; print('up', flush=True); time.sleep(1000)"


@pytest.mark.parametrize("tie", [BY_KERNEL, BY_THREAD])
def test_a_child_ends_when_its_parent_is_killed(tie: str) -> None:
    with subprocess.Popen([sys.executable, "-c", PARENT, tie + STAY], stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        assert parent.stdout.readline() == b"up\n"
        parent.kill()
        # The pipe ends when the last process that holds it is gone.
        assert parent.stdout.read() == b""


def test_a_child_whose_parent_died_before_it_asked_ends_at_once() -> None:
    late = "from shared.parent import die_with_parent; die_with_parent(parent=2_000_000_000)" + STAY
    done = subprocess.run([sys.executable, "-c", late], capture_output=True, timeout=20)
    assert (done.returncode, done.stdout) == (-signal.SIGKILL, b"")
