"""Which tests run side by side: files do, but for those that share a broker or a browser."""

import gc
import logging
import os
from collections import Counter
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

TOGETHER = ("integrations", "browser", "confluent/tools")
"""Folders whose tests share what is slow to start."""
LOGS = ("", "moorings", "httpx2", "httpcore2")
_LEVELS = {name: logging.getLogger(name).level for name in LOGS}
FIRST = (
    "integrations",
    "confluent/tools",
    "laws/promise",
    "browser",
    "docs/test_pages_run.py",
    "chaos/test_three_nodes.py",
    "sign_in/test_two_workers.py",
    "sign_in/test_login_command.py",
    "engines/test_conformance.py",
    "laws/test_hidden_domains.py",
    "compat/test_budget.py",
)
"""What takes longest begins first, so that nothing long is left for one process while the others have ended."""

# What tests start (registries, commands) imports what an installation of it would.
os.environ["PYTHONPATH"] = os.pathsep.join(
    filter(None, (str(Path(__file__).parent / "as_installed"), os.environ.get("PYTHONPATH")))
)


@pytest.hookimpl(tryfirst=True)  # before the tests are shared out
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.pluginmanager.hasplugin("xdist"):
        return
    _require_one_name_each(items)
    places = {item: _place(item) for item in items}
    if config.getoption("numprocesses", None) or hasattr(config, "workerinput"):
        counted = Counter(places.values())
        items.sort(key=lambda item: (_turn(places[item]), -counted[places[item]], places[item]))
    for item in items:
        item.add_marker(pytest.mark.xdist_group(places[item]))


def _require_one_name_each(items: list[pytest.Item]) -> None:
    """Refuse tests that share a name: of all of them, a process that shares tests out would run one."""
    shared = sorted(name for name, count in Counter(item.nodeid for item in items).items() if count > 1)
    if shared:
        raise pytest.UsageError(f"several tests have the same name: {', '.join(shared)}")


def _place(item: pytest.Item) -> str:
    """The group of tests that run one after another: a file, or a folder whose tests share something."""
    here = Path(__file__).parent
    place = item.path.relative_to(here) if item.path.is_relative_to(here) else item.path
    return next((one for one in TOGETHER if place.is_relative_to(one)), str(place))


def _turn(place: str) -> int:
    return next((number for number, first in enumerate(FIRST) if place.startswith(first)), len(FIRST))


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Leave out of every garbage collection what lasts until the end: all modules and thousands of tests.

    Each test makes an application, so the oldest generation would be collected every few tests, at a tenth of a second.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(700, 10, 100)
        gc.enable()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown() -> Iterator[None]:
    """Fail the test that leaves a level of a log behind: the lines of all later tests would be written, and kept."""
    yield
    left = {name: level for name in LOGS if (level := logging.getLogger(name).level) != _LEVELS[name]}
    for name in left:
        logging.getLogger(name).setLevel(_LEVELS[name])
    assert not left, f"levels of logs that are left behind: {left}"
