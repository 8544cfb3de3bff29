"""axe-core, the accessibility engine: fetched from npm when it is first needed, never stored in the repository."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

VERSION = "4.14.1"
_CACHE = Path(__file__).parents[2] / ".cache" / f"axe-core-{VERSION}"
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_RUN = """async (tags) => {
  const result = await axe.run(document, {runOnly: {type: "tag", values: tags}});
  return result.violations.map((one) => ({rule: one.id, impact: one.impact, help: one.help,
    nodes: one.nodes.map((node) => node.html.slice(0, 200) + " | " + (node.failureSummary || "").slice(0, 300))}));
}"""


def axe_source() -> str:
    """The engine's script. Where it cannot be had, a test is skipped with the reason; in CI it fails."""
    file = _CACHE / "node_modules" / "axe-core" / "axe.min.js"
    if not file.is_file() and shutil.which("npm"):
        _CACHE.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            ["npm", "install", "--no-save", "--ignore-scripts", "--no-audit", "--no-fund", f"axe-core@{VERSION}"],
            cwd=_CACHE,
            check=False,
            capture_output=True,
            timeout=120,
        )
    if file.is_file():
        return file.read_text()
    reason = f"no axe-core {VERSION}: npm is missing, or it cannot reach its package index"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def violations(page: Page, source: str) -> list[dict[str, Any]]:
    """What axe finds wrong with the page as it is shown now."""
    page.evaluate(source)
    found: list[dict[str, Any]] = page.evaluate(_RUN, _TAGS)
    return found
