"""A real Chromium for tests: the distribution's, else Playwright's own; installed when there is none.

Where neither is available, a test is skipped with the reason; in CI (`CI=true`) it fails.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

from tests.distribution import TIMEOUT_S, install_packages

_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a headless browser, and end it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=_program(playwright),
            # A container's root has no sandbox, and only pages of our own are opened.
            args=["--no-sandbox"],
        )
        try:
            yield browser
        finally:
            browser.close()


def _program(playwright: Playwright) -> str:
    """Find a browser, or install one."""
    for find in (
        _from_distribution,
        lambda: _own(playwright),
        _install_from_distribution,
        lambda: _install(playwright),
    ):
        found = find()
        if found:
            return found
    reason = "no Chromium: install the distribution's, or run `playwright install chromium`"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def _from_distribution() -> str | None:
    return next((found for name in _NAMES if (found := shutil.which(name))), None)


def _own(playwright: Playwright) -> str | None:
    path = playwright.chromium.executable_path
    return path if Path(path).is_file() else None


def _install_from_distribution() -> str | None:
    install_packages("chromium", "fonts-dejavu-core")
    return _from_distribution()


def _install(playwright: Playwright) -> str | None:
    _run([sys.executable, "-m", "playwright", "install", "chromium"])
    return _own(playwright)


def _run(command: list[str]) -> None:
    """Run *command*; whether it helped is seen by looking for the browser again."""
    try:
        subprocess.run(command, check=False, capture_output=True, timeout=TIMEOUT_S)
    except subprocess.TimeoutExpired:
        print(f"{' '.join(command)} took longer than {TIMEOUT_S} s", file=sys.stderr)
