"""Which tests run side by side: files do, but for those that share a broker or a browser."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

TOGETHER = ("integrations", "browser", "confluent/tools")
"""Folders whose tests share what is slow to start."""
LOGS = ("", "moorings", "httpx2", "httpcore2")
_LEVELS = {name: logging.getLogger(name).level for name in LOGS}


@pytest.hookimpl(tryfirst=True)  # before the tests are shared out
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.pluginmanager.hasplugin("xdist"):
        return
    here = Path(__file__).parent
    for item in items:
        place = item.path.relative_to(here) if item.path.is_relative_to(here) else item.path
        group = next((one for one in TOGETHER if place.is_relative_to(one)), str(place))
        item.add_marker(pytest.mark.xdist_group(group))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Iterator[None]:
    """Fail the test that leaves a level of a log behind: the lines of all later tests would be written, and kept."""
    yield
    left = {name: level for name in LOGS if (level := logging.getLogger(name).level) != _LEVELS[name]}
    for name in left:
        logging.getLogger(name).setLevel(_LEVELS[name])
    assert not left, f"levels of logs that are left behind: {left}"
