"""Node's clients from npm: installed once into a cache outside the repository, then run as scripts."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

from tests.node_packages import node_folder

HERE = Path(__file__).parent / "node"
RUN_S = 60


def run_script(name: str, url: str, *arguments: str) -> dict[str, Any]:
    """Run one of the scripts against the registry at *url*, and return what it printed."""
    folder = node_folder("node-clients", HERE)
    script = shutil.copy(HERE / name, folder)
    done = subprocess.run(["node", script, url, *arguments], capture_output=True, text=True, timeout=RUN_S, check=False)
    assert done.returncode == 0, done.stderr[-2_000:]
    return dict(json.loads(done.stdout.splitlines()[-1]))
