"""The fetcher with the system's resolver and real connections, where nothing can leave; an audit hook judges."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys

import pytest

CAGE = ("unshare", "--map-root-user", "--net", "--mount")


@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs Linux's namespaces")
def test_no_name_spelling_or_redirect_leads_to_a_forbidden_connection() -> None:
    ran = subprocess.run(
        [*CAGE, sys.executable, "-m", "tests.support.fetch_cage"], capture_output=True, text=True, timeout=200
    )
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    # 1,000 times a name flipped between a good address and a forbidden one, with every question
    assert sum(found["rebound"].values()) == found["lookups"] == 1000
    assert set(found["rebound"]) == {"ok", "address_not_allowed"}
    assert min(found["rebound"].values()) > 100
    # More than 400 other ways to a forbidden address
    assert sum(found["refused"].values()) >= 400
    assert set(found["refused"]) <= {"address_not_allowed", "invalid_url", "scheme_not_allowed"}
    # What Python itself says was tried
    assert found["forbidden"] == []
    assert len(found["connections"]) == 1
