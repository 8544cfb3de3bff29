"""axe-core, the accessibility engine: fetched from npm when it is first needed, never stored in the repository."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

VERSION = "4.14.1"
_CACHE = Path(__file__).parents[2] / ".cache" / f"axe-core-{VERSION}"
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_OF_COLOURS = ["color-contrast"]
_RUN = """async ([kind, values]) => {
  const result = await axe.run(document, {runOnly: {type: kind, values: values}});
  return result.violations.map((one) => ({rule: one.id, impact: one.impact, help: one.help,
    nodes: one.nodes.map((node) => node.html.slice(0, 200) + " | " + (node.failureSummary || "").slice(0, 300))}));
}"""


def axe_source() -> str:
    """The engine's script. Where it cannot be had, a test is skipped with the reason; in CI it fails."""
    file = _CACHE / "node_modules" / "axe-core" / "axe.min.js"
    if not file.is_file() and shutil.which("npm"):
        _install()
    if file.is_file():
        return file.read_text()
    reason = f"no axe-core {VERSION}: npm is missing, or it cannot reach its package index"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def _install() -> None:
    """Install beside the place and move it there whole: another process may be at it, too."""
    _CACHE.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=_CACHE.parent) as name:
        fresh = Path(name) / "installed"
        fresh.mkdir()
        subprocess.run(  # the prefix: else npm installs into a folder above that has packages already
            [
                "npm",
                "install",
                "--prefix",
                str(fresh),
                "--no-save",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                f"axe-core@{VERSION}",
            ],
            cwd=fresh,
            check=False,
            capture_output=True,
            timeout=120,
        )
        with contextlib.suppress(OSError):  # somebody else was first
            fresh.rename(_CACHE)


def violations(page: Page, source: str) -> list[dict[str, Any]]:
    """What axe finds wrong with the page as it is shown now."""
    page.evaluate(source)
    return _found(page, "tag", _TAGS)


def violations_in_both_schemes(page: Page, source: str) -> list[dict[str, Any]]:
    """The same in light colours, and in dark ones: the same page in other colours, so only these are asked about."""
    page.emulate_media(color_scheme="light")
    found = violations(page, source)
    page.emulate_media(color_scheme="dark")
    return found + _found(page, "rule", _OF_COLOURS)


def _found(page: Page, kind: str, values: list[str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate(_RUN, [kind, values])
    return found
