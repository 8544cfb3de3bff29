"""Node's clients from npm: installed once into a cache outside the repository, then run as scripts."""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent / "node"
INSTALL_S = 240
RUN_S = 60


def node_folder() -> Path:
    """A folder with the packages of `package-lock.json` installed.

    Where Node is missing or nothing can be installed, the test is skipped with the reason; in CI (`CI=true`) it fails.
    """
    if shutil.which("node") is None or shutil.which("npm") is None:
        _absent("no node, or no npm: install them to test with Node's clients")
    wanted = b"".join((HERE / name).read_bytes() for name in ("package.json", "package-lock.json"))
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "moorings"
    folder = cache / f"node-clients-{hashlib.sha256(wanted).hexdigest()[:16]}"
    if not (folder / "node_modules").is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        _install(folder, cache)
    return folder


def _install(folder: Path, cache: Path) -> None:
    """Install beside the place and move it there whole, so that nobody finds half of it."""
    with tempfile.TemporaryDirectory(dir=cache) as name:
        fresh = Path(name) / "installed"
        fresh.mkdir()
        for file in ("package.json", "package-lock.json"):
            shutil.copy(HERE / file, fresh)
        command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
        try:
            done = subprocess.run(command, cwd=fresh, capture_output=True, text=True, timeout=INSTALL_S, check=False)
        except subprocess.TimeoutExpired:
            _absent(f"npm did not install Node's clients within {INSTALL_S} s")
        if done.returncode:
            _absent(f"npm could not install Node's clients: {done.stderr[-500:]}")
        if not folder.exists():
            fresh.rename(folder)


def run_script(name: str, url: str, *arguments: str) -> dict[str, Any]:
    """Run one of the scripts against the registry at *url*, and return what it printed."""
    folder = node_folder()
    script = shutil.copy(HERE / name, folder)
    done = subprocess.run(["node", script, url, *arguments], capture_output=True, text=True, timeout=RUN_S, check=False)
    assert done.returncode == 0, done.stderr[-2_000:]
    return dict(json.loads(done.stdout.splitlines()[-1]))


def _absent(reason: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
