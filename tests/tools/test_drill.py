"""`make drill`, a short one: a backup under load, a kill, and a restore into another engine."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.postgres
@pytest.mark.timeout(300)  # two servers and five commands start, beside whatever else runs
def test_nothing_acknowledged_is_lost() -> None:
    command = [sys.executable, str(ROOT / "tools" / "drill.py"), "--to", "postgresql", "--seconds", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=290)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "nothing acknowledged is lost"), (
        done.stdout + done.stderr
    )
