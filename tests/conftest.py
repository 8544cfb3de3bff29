"""Which tests run side by side: files do, but for those that share a broker or a browser."""

import gc
import logging
import os
import sys
from collections import Counter
from collections.abc import Generator, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

TOGETHER = ("integrations", "browser", "confluent/tools")
"""Folders whose tests share what is slow to start."""
LOGS = ("", "moorings", "httpx2", "httpcore2")
_LEVELS = {name: logging.getLogger(name).level for name in LOGS}
FIRST = (
    "integrations",
    "browser",
    "faults",
    "confluent/tools",
    "laws/promise",
    "laws/test_hidden_domains.py",
    "chaos",
    "tools",
    "docs/test_pages_run.py",
    "sign_in/test_stock_clients.py",
    "sign_in/test_login_command.py",
    "sign_in/test_two_workers.py",
    "exporters/test_leases.py",
    "registry/test_serving_bases.py",
    "telemetry/test_served.py",
    "webhooks/test_served.py",
    "engines/test_conformance.py",
    "fuzz",
    "compat/conditions/test_laws.py",
    "compat/test_budget.py",
)
"""What takes longest begins first, so that nothing long is left for one process while the others have ended."""

# What tests start (registries, commands) imports what an installation of it would, and so do tests.
_AS_INSTALLED = str(Path(__file__).parent / "as_installed")
sys.path.insert(0, _AS_INSTALLED)
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (_AS_INSTALLED, os.environ.get("PYTHONPATH"))))


@pytest.hookimpl(tryfirst=True)  # before the tests are shared out
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.pluginmanager.hasplugin("xdist"):
        return
    _require_one_name_each(items)
    if config.getoption("numprocesses", None) or hasattr(config, "workerinput"):
        places = {item: place_of(item.nodeid) for item in items}
        counted = Counter(places.values())
        items.sort(key=lambda item: (_turn(places[item]), -counted[places[item]], places[item]))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    # Imported here because tests of a wheel run where there is no xdist.
    from tests.sharing_out import PlaceScheduling

    return PlaceScheduling(config, log, place_of) if config.getvalue("dist") == "loadscope" else None


def _require_one_name_each(items: list[pytest.Item]) -> None:
    """Refuse tests that share a name: of all of them, a process that shares tests out would run one."""
    shared = sorted(name for name, count in Counter(item.nodeid for item in items).items() if count > 1)
    if shared:
        raise pytest.UsageError(f"several tests have the same name: {', '.join(shared)}")


def place_of(nodeid: str) -> str:
    """The tests that run one after another: those of a file, or of a folder whose tests share something."""
    file = PurePosixPath(nodeid.partition("::")[0])
    place = file.relative_to("tests") if file.is_relative_to("tests") else file
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
