"""Packages from npm for tests: installed once into a cache outside the repository."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

INSTALL_S = 240


def node_folder(name: str, locked: Path) -> Path:
    """A folder with the packages of *locked*, a folder with `package.json` and `package-lock.json`, installed.

    Where Node is missing or nothing can be installed, the test is skipped with the reason; in CI (`CI=true`) it fails.
    """
    if shutil.which("node") is None or shutil.which("npm") is None:
        _absent("no node, or no npm: install them for these tests")
    wanted = b"".join((locked / one).read_bytes() for one in ("package.json", "package-lock.json"))
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "moorings"
    folder = cache / f"{name}-{hashlib.sha256(wanted).hexdigest()[:16]}"
    if not (folder / "node_modules").is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        _install(folder, cache, locked)
    return folder


def _install(folder: Path, cache: Path, locked: Path) -> None:
    """Install beside the place and move it there whole, so that nobody finds half of it."""
    with tempfile.TemporaryDirectory(dir=cache) as name:
        fresh = Path(name) / "installed"
        fresh.mkdir()
        for file in ("package.json", "package-lock.json"):
            shutil.copy(locked / file, fresh)
        command = ["npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"]
        try:
            done = subprocess.run(command, cwd=fresh, capture_output=True, text=True, timeout=INSTALL_S, check=False)
        except subprocess.TimeoutExpired:
            _absent(f"npm did not install its packages within {INSTALL_S} s")
        if done.returncode:
            _absent(f"npm could not install its packages: {done.stderr[-500:]}")
        if not folder.exists():
            fresh.rename(folder)


def _absent(reason: str) -> None:
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
