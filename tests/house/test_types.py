"""Every type holds, as strictly as mypy can look."""

import subprocess
import sys

import pytest

from portal.config import ROOT


@pytest.mark.timeout(300)
def test_every_type_holds() -> None:
    found = subprocess.run([sys.executable, "-m", "mypy"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stdout + found.stderr
