"""What `make demo` and `make docs` promise."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_chapter_of_the_demo_holds():
    environment = {name: value for name, value in os.environ.items() if name != "MOORINGS_URL"}
    told = subprocess.run(
        [sys.executable, ROOT / "tools" / "demo.py"], capture_output=True, text=True, check=False, env=environment
    )
    assert told.returncode == 0, told.stdout + told.stderr
    assert "Done: every chapter held." in told.stdout


def test_the_rendered_pages_are_what_the_code_says():
    checked = subprocess.run(
        [sys.executable, ROOT / "tools" / "render_docs.py", "--check"], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
